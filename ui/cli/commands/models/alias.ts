import { type AnyCommand, newCommand } from "../../new_command.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { usageError } from "../../usage_error.ts";
import { renderVersion, versionDocument } from "../../version_document.ts";
import { actOf } from "./act.ts";

/** `models alias MODEL ALIAS VERSION`: lets an alias point at a version. */
export function aliasCommand(shell: Shell): AnyCommand {
  return newCommand("alias", {
    summary: "let an alias point at a version, or take it away",
    about: "The server answers with `champion`; a moved alias is served within seconds.",
    examples: [
      ["models alias digits champion 4", "version 4 serves from now on"],
      ["models alias digits shadow 5", "a name of your own"],
      ["models alias digits shadow --delete", "takes it away"],
    ],
  })
    .argument("<model>", "name of the model")
    .argument("<alias>", "candidate, champion or a name of your own")
    .argument("[version]", "number of the version")
    .option("--delete", "take the alias away")
    .option("--why <text>", "kept in the history", "by hand")
    .action(async (name, alias, version, { json, delete: isDelete, why }) => {
      const { deleteAlias, getVersion, moveAlias } = await import(
        "../../../../runtime/registry/mod.ts"
      );
      await using store = await openShellStore(shell);
      await getVersion(store, name);
      const { out, err } = shell.terminal;
      if (isDelete) {
        const wasThere = await deleteAlias(store, name, alias, actOf(shell, why));
        if (json) return printJson(shell, { name, alias, deleted: wasThere });
        if (wasThere) out.lines([`${name} has no alias ${alias} any more.`]);
        else err.lines([`${name} had no alias ${alias}.`]);
        return;
      }
      const moved = await moveAlias(
        store,
        { name, version: parseVersion(version) },
        alias,
        actOf(shell, why),
      );
      if (json) return printJson(shell, versionDocument(moved));
      out.lines([`${alias} is ${renderVersion(moved)}.`]);
    }) as AnyCommand;
}

function parseVersion(text: string | undefined): number {
  const version = Number(text?.replace(/^v/i, ""));
  if (Number.isSafeInteger(version) && version >= 1) return version;
  throw usageError(
    text === undefined ? "the version is missing" : `"${text}" is no version`,
    "Give its number, e.g. `models alias digits champion 4`",
  );
}
