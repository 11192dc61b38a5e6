import { type AnyCommand, newGroup } from "../new_command.ts";
import type { Shell } from "../shell.ts";
import { gcCommand } from "./cache/gc.ts";
import { listCommand } from "./cache/list.ts";
import { verifyCommand } from "./cache/verify.ts";

/** `cache …`: what is kept so that it need not be made again. */
export function command(shell: Shell): AnyCommand {
  return newGroup("cache", "what is kept so that it need not be made again", [
    listCommand(shell),
    verifyCommand(shell),
    gcCommand(shell),
  ]);
}
