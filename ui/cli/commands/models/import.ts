import { basename, extname, resolve } from "node:path";
import { ExplainedError } from "../../../../pipeline/mod.ts";
import type { Store } from "../../../../runtime/store/mod.ts";
import { COMMAND } from "../../closing_card.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { plural } from "../../quantity.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { shellQuote } from "../../../shell_quote.ts";
import { renderVersion, versionDocument } from "../../version_document.ts";

/** `models import SOURCE [NAME]`: a model folder becomes a version, or a registry is read back. */
export function importCommand(shell: Shell): AnyCommand {
  return newCommand("import", {
    summary: "a model folder as a new version, or an exported registry",
    examples: [
      ["models import digits_model digits", "the folder becomes a version of digits"],
      [
        "models import registry.json --blobs ../other/runs",
        "with the models' bytes from that store",
      ],
    ],
  })
    .argument("<source>", "folder with model.onnx and signature.json, or a registry's JSON file")
    .argument("[name]", "name of the model; the folder's name when left out")
    .option("--blobs <folder>", "store the registry was exported from")
    .action(async (source, name, { json, blobs }) => {
      const path = resolve(shell.settings.cwd, source);
      await using store = await openShellStore(shell);
      if (extname(path) !== ".json") return await importFolder(shell, store, { path, name, json });
      const { importRegistry } = await import("../../../../runtime/registry/mod.ts");
      const from = blobs === undefined ? {} : { blobs: resolve(shell.settings.cwd, blobs) };
      const imported = await importRegistry(store, await readJson(path), from);
      if (json) {
        const { models, versions, withoutBytes } = imported;
        return printJson(shell, { models, versions, without_bytes: withoutBytes });
      }
      const { out, err } = shell.terminal;
      out.lines([
        `Imported ${plural(imported.models, "model")} with ${
          plural(imported.versions, "version")
        }.`,
      ]);
      if (imported.withoutBytes.length > 0) {
        err.lines([
          `! their bytes are not in this store, so they cannot predict: ${
            imported.withoutBytes.join(", ")
          }`,
          "  import again into an empty store with --blobs FOLDER to bring them along",
        ]);
      }
    }) as AnyCommand;
}

async function importFolder(
  shell: Shell,
  store: Store,
  { path, name, json }: {
    readonly path: string;
    readonly name: string | undefined;
    readonly json: true | undefined;
  },
): Promise<void> {
  const { importModel } = await import("../../../../runtime/registry/mod.ts");
  const who = { user: shell.settings.user, at: Date.now() };
  const imported = await importModel(store, path, name ?? basename(path), who);
  if (json) return printJson(shell, { ...versionDocument(imported), is_new: imported.isNew });
  shell.terminal.out.lines([
    imported.isNew
      ? `Imported ${renderVersion(imported)}.`
      : `It is ${renderVersion(imported)} already.`,
    `next: ${COMMAND} models approve ${shellQuote(`${imported.name}/${imported.version}`)}`,
  ]);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw new ExplainedError("cli/unreadable-json", {
      what: `Cannot read ${path}`,
      why: cause instanceof Deno.errors.NotFound
        ? "there is no such file"
        : (cause as Error).message,
      fix: "Give a file that `models export` wrote",
      cause,
    });
  }
}
