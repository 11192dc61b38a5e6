import { COMMAND } from "../../closing_card.ts";
import { CANCELLED } from "../../cancel_on_signal.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { askYesNo, requireKeyboard } from "../../prompts.ts";
import { plural } from "../../quantity.ts";
import { runDocument, statusWord } from "../../run_document.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";

/** `runs delete RUN…`: hides runs. */
export function deleteCommand(shell: Shell): AnyCommand {
  return newCommand("delete", {
    summary: "hide runs; `cache gc` then frees what only they needed",
    about: "A deleted run can be brought back with `runs restore` until its bytes are collected.",
    examples: [
      ["runs delete 3f9a2c", "asks first"],
      ["runs delete 3f9a2c 41b0 --yes", "does not ask"],
    ],
  })
    .argument("<run...>", "ids, starts of ids, or names")
    .option("-y, --yes", "do not ask")
    .action(async (references, { json, yes }) => {
      const { deleteRun, getRun } = await import("../../../../runtime/store/mod.ts");
      const { terminal } = shell;
      await using store = await openShellStore(shell);
      const runs = [];
      for (const reference of references) runs.push(await getRun(store, reference));
      if (!yes) {
        requireKeyboard(terminal, "runs delete", "Add --yes");
        terminal.err.lines(
          runs.map((run) =>
            `  ${run.runId.slice(0, 6)}  ${run.experiment}  ${statusWord(run)}  ${run.runName}`
          ),
        );
        const answer = await askYesNo(`Delete ${plural(runs.length, "run")}?`);
        if (answer !== true) {
          terminal.err.lines(["Nothing was deleted."]);
          if (answer === undefined) shell.exitCode = CANCELLED;
          return;
        }
      }
      for (const { runId } of runs) await deleteRun(store, runId);
      if (json) return printJson(shell, { deleted: runs.map(({ runId }) => runId) });
      terminal.out.lines([
        `Deleted ${plural(runs.length, "run")}.`,
        `undo: ${COMMAND} runs restore ${runs.map(({ runId }) => runId.slice(0, 6)).join(" ")}`,
      ]);
    }) as AnyCommand;
}

/** `runs restore RUN…`: brings deleted runs back. */
export function restoreCommand(shell: Shell): AnyCommand {
  return newCommand("restore", {
    summary: "bring deleted runs back",
    examples: [["runs restore 3f9a2c", "undoes `runs delete 3f9a2c`"]],
  })
    .argument("<run...>", "ids, starts of ids, or names")
    .action(async (references, { json }) => {
      const { getRun, restoreRun } = await import("../../../../runtime/store/mod.ts");
      await using store = await openShellStore(shell);
      const runs = [];
      for (const reference of references) runs.push(await getRun(store, reference));
      for (const { runId } of runs) await restoreRun(store, runId);
      if (json) {
        return printJson(shell, {
          restored: runs.map((run) => runDocument({ ...run, lifecycleStage: "active" })),
        });
      }
      shell.terminal.out.lines([`Restored ${plural(runs.length, "run")}.`]);
    }) as AnyCommand;
}
