import { projectRoot } from "../../../../runtime/settings.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { openShellStore, type Shell } from "../../shell.ts";

/** `runs again RUN`: the same pipeline with the same config once more. */
export function againCommand(shell: Shell): AnyCommand {
  return newCommand("again", {
    summary: "the same pipeline with the same config once more",
    about: "What has not changed since comes from the cache, as with `run`.",
    examples: [
      ["runs again 3f9a2c", ""],
      ["runs again brave-heron-12 --no-cache", "every step anew"],
    ],
  })
    .argument("<run>", "id, start of an id, or name")
    .option("--no-cache", "run every step, also those whose results are known")
    .action(async (reference, { json, cache }) => {
      const { settings } = shell;
      const words = await wordsOf(shell, reference, projectRoot(settings.cwd));
      const { main } = await import("../../main.ts");
      shell.exitCode = await main([
        ...words,
        ...(cache ? [] : ["--no-cache"]),
        ...(json ? ["--json"] : []),
      ]);
    }) as AnyCommand;
}

async function wordsOf(shell: Shell, reference: string, project: string): Promise<string[]> {
  const { requestOf } = await import("../../../api/mod.ts");
  const { getRun } = await import("../../../../runtime/store/mod.ts");
  await using store = await openShellStore(shell);
  const run = await getRun(store, reference);
  const { pipeline, config, set } = requestOf(run, project, store.folder);
  return [
    "run",
    pipeline,
    ...(config === undefined ? [] : ["--config", config]),
    ...set.flatMap((each) => ["--set", each]),
  ];
}
