import { type AnyCommand, newCommand } from "../../new_command.ts";
import { runDocument, stepRunDocument } from "../../run_document.ts";
import { renderFiles, renderRun, type RunDetails } from "../../run_page.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";

/** `runs show RUN`: one run in full. */
export function showCommand(shell: Shell): AnyCommand {
  return newCommand("show", {
    summary: "one run in full: steps, params, metrics, model, files",
    examples: [
      ["runs show 3f9a2c", "by the start of its id"],
      ["runs show brave-heron-12 --json", "by its name, as JSON"],
    ],
  })
    .argument("<run>", "id, start of an id, or name")
    .option("--files", "list every file it made")
    .action(async (reference, { json, files: allFiles }) => {
      const details = await readDetails(shell, reference);
      const { run, steps, files, versions, inputs } = details;
      if (json) {
        return printJson(shell, {
          ...runDocument(run),
          steps: steps.map(stepRunDocument),
          models: versions.map(({ name, version, aliases }) => ({ name, version, aliases })),
          datasets: inputs,
          files: files.map(({ path, hash, size }) => ({ path, hash, size_bytes: size })),
        });
      }
      const { out } = shell.terminal;
      out.lines(renderRun(details, { paint: out.paint, width: out.width() }));
      if (allFiles) out.lines(renderFiles(files, { paint: out.paint, width: out.width() }));
    }) as AnyCommand;
}

async function readDetails(shell: Shell, reference: string): Promise<RunDetails> {
  const { getRun, listInputs, listRunFiles, listStepRuns } = await import(
    "../../../../runtime/store/mod.ts"
  );
  const { listVersionsOfRun } = await import("../../../../runtime/registry/mod.ts");
  await using store = await openShellStore(shell);
  const run = await getRun(store, reference);
  return {
    run,
    steps: await listStepRuns(store, run.runId),
    files: await listRunFiles(store, run.runId),
    versions: await listVersionsOfRun(store, run.runId),
    inputs: (await listInputs(store, run.runId)).map(({ name, digest }) => ({ name, digest })),
  };
}
