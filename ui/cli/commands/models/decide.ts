import { COMMAND } from "../../closing_card.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { shellQuote } from "../../../shell_quote.ts";
import { renderVersion, versionDocument } from "../../version_document.ts";
import { actOf } from "./act.ts";

/** `models approve VERSION`: a person says yes. */
export function approveCommand(shell: Shell): AnyCommand {
  return newCommand("approve", {
    summary: "say yes to a version: it becomes champion",
    examples: [
      ["models approve digits@candidate", "the newest that passed the gate"],
      ['models approve digits/4 --why "checked by hand"', "that version"],
    ],
  })
    .argument("<version>", "name@alias or name/version")
    .option("--why <text>", "kept in the history", "approved by hand")
    .action(async (reference, { json, why }) => {
      const { approve, findChampion, getVersion } = await import(
        "../../../../runtime/registry/mod.ts"
      );
      await using store = await openShellStore(shell);
      const { name, version } = await getVersion(store, reference);
      const before = await findChampion(store, name);
      const approved = await approve(store, { name, version }, actOf(shell, why));
      if (json) return printJson(shell, versionDocument(approved));
      shell.terminal.out.lines([
        `Approved ${renderVersion(approved)}.`,
        ...(before === undefined || before.version === version
          ? []
          : [`undo: ${COMMAND} models rollback ${shellQuote(name)}`]),
      ]);
    }) as AnyCommand;
}

/** `models reject VERSION`: a person says no. */
export function rejectCommand(shell: Shell): AnyCommand {
  return newCommand("reject", {
    summary: "say no to a version: it can never become champion",
    examples: [['models reject digits@candidate --why "wrong on sevens"', ""]],
  })
    .argument("<version>", "name@alias or name/version")
    .option("--why <text>", "kept in the history", "rejected by hand")
    .action(async (reference, { json, why }) => {
      const { getVersion, reject } = await import("../../../../runtime/registry/mod.ts");
      await using store = await openShellStore(shell);
      const { name, version } = await getVersion(store, reference);
      const rejected = await reject(store, { name, version }, actOf(shell, why));
      if (json) return printJson(shell, versionDocument(rejected));
      shell.terminal.out.lines([`Rejected ${renderVersion(rejected)}.`]);
    }) as AnyCommand;
}

/** `models archive VERSION`: a version is put away. */
export function archiveCommand(shell: Shell): AnyCommand {
  return newCommand("archive", {
    summary: "put a version away",
    examples: [['models archive digits/1 --why "long replaced"', ""]],
  })
    .argument("<version>", "name@alias or name/version")
    .option("--why <text>", "kept in the history", "archived by hand")
    .action(async (reference, { json, why }) => {
      const { archive, getVersion } = await import("../../../../runtime/registry/mod.ts");
      await using store = await openShellStore(shell);
      const { name, version } = await getVersion(store, reference);
      const archived = await archive(store, { name, version }, actOf(shell, why));
      if (json) return printJson(shell, versionDocument(archived));
      shell.terminal.out.lines([`Archived ${renderVersion(archived)}.`]);
    }) as AnyCommand;
}

/** `models rollback MODEL`: the previous champion comes back. */
export function rollbackCommand(shell: Shell): AnyCommand {
  return newCommand("rollback", {
    summary: "bring the previous champion back; the present one is archived",
    examples: [['models rollback digits --why "slow on phones"', ""]],
  })
    .argument("<model>", "name of the model")
    .option("--why <text>", "kept in the history", "rolled back by hand")
    .action(async (name, { json, why }) => {
      const { rollback } = await import("../../../../runtime/registry/mod.ts");
      await using store = await openShellStore(shell);
      const champion = await rollback(store, name, actOf(shell, why));
      if (json) return printJson(shell, versionDocument(champion));
      shell.terminal.out.lines([`Champion is ${renderVersion(champion)} again.`]);
    }) as AnyCommand;
}
