import { CANCELLED } from "../cancel_on_signal.ts";
import { type AnyCommand, newCommand } from "../new_command.ts";
import { askYesNo, requireKeyboard } from "../prompts.ts";
import { plural, renderBytes } from "../quantity.ts";
import { printJson, type Shell } from "../shell.ts";
import { measureFolder } from "../measure_folder.ts";

/** `reset`: empties the store. */
export function command(shell: Shell): AnyCommand {
  return newCommand("reset", {
    summary: "empty the store, after a question and a backup copy",
    about: "Runs, models, cached results: all of it goes to backups/ inside the store's folder.",
    examples: [["reset", "asks first"], ["reset --yes", "does not ask"]],
  })
    .option("-y, --yes", "do not ask")
    .action(async ({ json, yes }) => {
      const { terminal, settings: { storeFolder } } = shell;
      const { files, bytes } = await measureFolder(storeFolder, ["backups"]);
      if (files === 0) {
        if (json) return printJson(shell, { backup: null });
        terminal.out.lines([`${storeFolder} is empty already.`]);
        return;
      }
      if (!yes) {
        requireKeyboard(terminal, "reset", "Add --yes");
        terminal.err.lines([
          `All runs, models and cached results of ${storeFolder} go:`,
          `${plural(files, "file")}, ${renderBytes(bytes)}. A copy is kept in backups/ there.`,
        ]);
        const answer = await askYesNo("Empty the store?");
        if (answer !== true) {
          terminal.err.lines(["Nothing was changed."]);
          if (answer === undefined) shell.exitCode = CANCELLED;
          return;
        }
      }
      const { resetStore } = await import("../../../runtime/store/mod.ts");
      const backup = await resetStore(storeFolder, Date.now());
      if (json) return printJson(shell, { backup, files, bytes });
      terminal.out.lines([
        "The store is empty.",
        `The copy is in ${backup}; remove that folder to free ${renderBytes(bytes)}.`,
      ]);
    }) as AnyCommand;
}
