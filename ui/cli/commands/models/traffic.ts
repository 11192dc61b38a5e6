import type { VersionShare } from "../../../../runtime/traffic/mod.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { usageError } from "../../usage_error.ts";
import { actOf } from "./act.ts";

/** `models split MODEL [VERSION:WEIGHT…]`: a server shares the requests of a model among versions. */
export function splitCommand(shell: Shell): AnyCommand {
  return newCommand("split", {
    summary: "share the requests of a model among versions; without versions the champion answers",
    examples: [
      ["models split digits 2:9 3:1", "a tenth of the callers meets version 3"],
      ["models split digits", "the champion alone answers again"],
    ],
  })
    .argument("<model>", "name of the model")
    .argument("[shares...]", "version:weight, two or more")
    .option("--why <text>", "kept beside it", "shared by hand")
    .action(async (name, words, { json, why }) => {
      const { setSplit } = await import("../../../../runtime/traffic/mod.ts");
      const shares = words.map(parseShare);
      await using store = await openShellStore(shell);
      await setSplit(store, { name, shares }, actOf(shell, why));
      if (json) return printJson(shell, { model: name, shares });
      shell.terminal.out.lines([
        shares.length === 0
          ? `The champion of ${name} answers all requests.`
          : `Requests to ${name} are shared: ${words.join(", ")}.`,
      ]);
    }) as AnyCommand;
}

/** `models traffic MODEL`: how requests are shared, and what was right. */
export function trafficCommand(shell: Shell): AnyCommand {
  return newCommand("traffic", {
    summary: "how a model's requests are shared, and how often versions were right",
    examples: [["models traffic digits", ""]],
  })
    .argument("<model>", "name of the model")
    .action(async (name, { json }) => {
      const { listSplits, liveAccuracy } = await import("../../../../runtime/traffic/mod.ts");
      await using store = await openShellStore(shell);
      const split = (await listSplits(store)).find((each) => each.name === name);
      const accuracy = await liveAccuracy(store, name);
      if (json) return printJson(shell, { split: split?.shares ?? [], feedback: accuracy });
      const shares = split?.shares.map(({ version, weight }) => `version ${version}: ${weight}`);
      shell.terminal.out.lines([
        shares === undefined
          ? "The champion answers all requests."
          : `Shared by ${shares.join(", ")}.`,
        ...accuracy.map(({ version, told, right }) =>
          `Version ${version} was right in ${right} of ${told} answers that somebody told about.`
        ),
      ]);
    }) as AnyCommand;
}

/** @throws {ExplainedError} `cli/usage`. */
function parseShare(word: string): VersionShare {
  const [, version, weight] = /^(\d{1,9}):(\d+(?:\.\d+)?)$/.exec(word) ?? [];
  if (version !== undefined) return { version: Number(version), weight: Number(weight) };
  throw usageError(`"${word}" is no version with a weight`, "Give version:weight, such as 3:0.1");
}
