import { resolve } from "node:path";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { plural } from "../../quantity.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { usageError } from "../../usage_error.ts";

/** `models export`: the registry as one JSON document, or one version as a folder. */
export function exportCommand(shell: Shell): AnyCommand {
  return newCommand("export", {
    summary: "the registry as one JSON file, or one version as a folder of files",
    examples: [
      ["models export > registry.json", "models, versions, aliases and history"],
      ["models export digits@champion --to digits_model", "model.onnx and all that belongs to it"],
    ],
  })
    .argument("[version]", "name@alias or name/version, to write its files")
    .option("--to <path>", "file for the registry, or folder for a version")
    .action(async (reference, { json, to }) => {
      await using store = await openShellStore(shell);
      const path = to === undefined ? undefined : resolve(shell.settings.cwd, to);
      if (reference !== undefined) {
        if (path === undefined) {
          throw usageError(
            "a version is a folder of files",
            "Say where to put it with --to FOLDER",
          );
        }
        const { writeModelFolder } = await import("../../write_model_folder.ts");
        const files = await writeModelFolder(store, reference, path);
        if (json) return printJson(shell, { folder: path, files });
        shell.terminal.out.lines([`Wrote ${plural(files.length, "file")} to ${path}.`]);
        return;
      }
      const { exportRegistry } = await import("../../../../runtime/registry/mod.ts");
      const document = await exportRegistry(store);
      if (path === undefined) return printJson(shell, document);
      const { writeNewFile } = await import("../../write_new_file.ts");
      await writeNewFile(path, `${JSON.stringify(document, null, 2)}\n`);
      const models = document.registered_models.length;
      if (json) return printJson(shell, { file: path, models });
      shell.terminal.out.lines([`Wrote ${plural(models, "model")} to ${path}.`]);
    }) as AnyCommand;
}
