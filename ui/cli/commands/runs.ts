import { type AnyCommand, newGroup } from "../new_command.ts";
import type { Shell } from "../shell.ts";
import { againCommand } from "./runs/again.ts";
import { compareCommand } from "./runs/compare.ts";
import { dataCommand } from "./runs/data.ts";
import { deleteCommand, restoreCommand } from "./runs/delete.ts";
import { fileCommand } from "./runs/file.ts";
import { listCommand } from "./runs/list.ts";
import { logsCommand } from "./runs/logs.ts";
import { sendCommand } from "./runs/send.ts";
import { showCommand } from "./runs/show.ts";
import { stopCommand } from "./runs/stop.ts";

/** `runs …`: what was run. */
export function command(shell: Shell): AnyCommand {
  return newGroup("runs", "look at runs: how they ended, what they measured, what they said", [
    listCommand(shell),
    showCommand(shell),
    compareCommand(shell),
    logsCommand(shell),
    dataCommand(shell),
    fileCommand(shell),
    againCommand(shell),
    stopCommand(shell),
    deleteCommand(shell),
    restoreCommand(shell),
    sendCommand(shell),
  ]);
}
