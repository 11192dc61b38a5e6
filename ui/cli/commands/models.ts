import { type AnyCommand, newGroup } from "../new_command.ts";
import type { Shell } from "../shell.ts";
import { aliasCommand } from "./models/alias.ts";
import { splitCommand, trafficCommand } from "./models/traffic.ts";
import { approveCommand, archiveCommand, rejectCommand, rollbackCommand } from "./models/decide.ts";
import { driftCommand } from "./models/drift.ts";
import { exportCommand } from "./models/export.ts";
import { importCommand } from "./models/import.ts";
import { listCommand } from "./models/list.ts";
import { showCommand } from "./models/show.ts";

/** `models …`: the registry. */
export function command(shell: Shell): AnyCommand {
  return newGroup("models", "the registry: versions, which one serves, and who decided that", [
    listCommand(shell),
    showCommand(shell),
    aliasCommand(shell),
    approveCommand(shell),
    rejectCommand(shell),
    archiveCommand(shell),
    rollbackCommand(shell),
    splitCommand(shell),
    trafficCommand(shell),
    driftCommand(shell),
    importCommand(shell),
    exportCommand(shell),
  ]);
}
