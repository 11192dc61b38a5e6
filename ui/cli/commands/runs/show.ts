import type { Run, RunFile, StepRun } from "../../../../runtime/store/mod.ts";
import type { ModelVersion } from "../../../../runtime/registry/mod.ts";
import { COMMAND } from "../../closing_card.ts";
import { sortMetricNames } from "../../headline_metrics.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { plural, renderBytes, renderDuration, renderNumber, renderTime } from "../../quantity.ts";
import { renderErrorText } from "../../render_error.ts";
import type { ReportStyle } from "../../report_style.ts";
import { runDocument, statusWord, stepRunDocument } from "../../run_document.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { renderFacts, renderTable } from "../../table.ts";

/** Everything `runs show` tells of a run. */
export interface RunDetails {
  readonly run: Run;
  readonly steps: readonly StepRun[];
  readonly files: readonly RunFile[];
  readonly versions: readonly ModelVersion[];
  readonly inputs: readonly { readonly name: string; readonly digest: string }[];
}

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
  const { listModels, listVersions } = await import("../../../../runtime/registry/mod.ts");
  await using store = await openShellStore(shell);
  const run = await getRun(store, reference);
  const versions: ModelVersion[] = [];
  for (const { name } of await listModels(store)) {
    versions.push(...(await listVersions(store, name)).filter(({ runId }) => runId === run.runId));
  }
  return {
    run,
    steps: await listStepRuns(store, run.runId),
    files: await listRunFiles(store, run.runId),
    versions,
    inputs: (await listInputs(store, run.runId)).map(({ name, digest }) => ({ name, digest })),
  };
}

/** A run as pages of facts: what it was, its steps, what it was given, what it measured, what it made. */
export function renderRun(details: RunDetails, style: ReportStyle): string[] {
  const { run, steps } = details;
  const { paint } = style;
  return [
    `${paint.bold(`run ${run.runId}`)}  ${run.runName}`,
    ...renderFacts(factsOf(details), { paint }),
    "",
    ...stepLines(steps, style),
    ...section("params", textPairs(run.params), style),
    ...section("metrics", metricPairs(run), style),
    "",
    ...nextLines(details),
  ];
}

function factsOf({ run, versions, inputs, files }: RunDetails): [string, string][] {
  const { tags } = run;
  const took = run.endTime === null ? "" : `, took ${renderDuration(run.endTime - run.startTime)}`;
  const commit = tags["mlflow.source.git.commit"];
  const dirty = tags["hanok.git.dirty"] === "true" ? " with uncommitted changes" : "";
  const size = files.reduce((sum, each) => sum + each.size, 0);
  const facts: [string, string | undefined][] = [
    ["pipeline", run.experiment],
    ["status", run.lifecycleStage === "deleted" ? `${statusWord(run)}, deleted` : statusWord(run)],
    ["started", `${renderTime(run.startTime)}${took}`],
    [
      "by",
      tags["hanok.host"] === undefined ? run.userId : `${run.userId} on ${tags["hanok.host"]}`,
    ],
    ["note", tags["mlflow.note.content"]],
    ["part of", tags["mlflow.parentRunId"]],
    ["code", commit === undefined ? undefined : `commit ${commit.slice(0, 10)}${dirty}`],
    ["config", tags["hanok.config_file"]],
    ["changed", tags["hanok.set"]?.split("\n").map((each) => `--set ${each}`).join(" ")],
    ["seed", tags["hanok.seed"]],
    ["engine", engineOf(tags)],
    ["software", softwareOf(tags)],
    ["data", inputs.map(({ name, digest }) => `${name} (${digest.slice(0, 12)})`).join(", ")],
    ["model", versions.map(renderVersion).join(", ")],
    [
      "files",
      files.length === 0 ? undefined : `${plural(files.length, "file")}, ${renderBytes(size)}`,
    ],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, value]]
  );
}

function engineOf(tags: Readonly<Record<string, string>>): string | undefined {
  const engine = tags["hanok.engine"];
  return engine === undefined
    ? undefined
    : [engine, tags["hanok.device"]].filter(Boolean).join(", ");
}

function softwareOf(tags: Readonly<Record<string, string>>): string {
  const named = [
    ["hanok", tags["hanok.version"]],
    ["deno", tags["hanok.deno"]],
    ["onnxruntime", tags["hanok.onnxruntime"]],
  ];
  return named.flatMap(([name, version]) => version === undefined ? [] : [`${name} ${version}`])
    .join(", ");
}

function renderVersion({ name, version, aliases }: ModelVersion): string {
  return `${name} version ${version}${aliases.length === 0 ? "" : ` (${aliases.join(", ")})`}`;
}

function stepLines(steps: readonly StepRun[], style: ReportStyle): string[] {
  if (steps.length === 0) return ["It has no steps: it was logged from code."];
  const rows = steps.map(({ node, step, status, durationMs, summary, reason }) => [
    node,
    step,
    status,
    durationMs === null ? "" : renderDuration(durationMs),
    [summary ?? "", reasonText(reason)].filter((part) => part !== "").join(" "),
  ]);
  const table = renderTable(
    [
      { title: "node" },
      { title: "step" },
      { title: "status" },
      { title: "took", align: "right" },
      { title: "result (why)", flexible: true },
    ],
    rows,
    style,
  );
  const errors = steps.flatMap(({ error }) =>
    error === null ? [] : ["", ...renderErrorText(error, style.paint)]
  );
  return [...table, ...errors];
}

/** The status already says that nothing changed. */
function reasonText(reason: string): string {
  return ["", "nothing changed", "first run"].includes(reason) ? "" : `(${reason})`;
}

function textPairs(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values);
}

/** The run's own metrics first; of its nodes only those that the run has not as its own. */
function metricPairs({ metrics }: Run): [string, string][] {
  const all = Object.values(metrics).filter(({ key }) => !key.startsWith("system/"));
  const names = all.map(({ key }) => key).filter((key) => {
    const own = metrics[key.slice(key.indexOf("/") + 1)];
    return !key.includes("/") || own === undefined || !Object.is(own.value, metrics[key]!.value);
  });
  const [own, nodes] = [names.filter(isOwn), names.filter((name) => !isOwn(name))];
  return [...sortMetricNames(own), ...nodes]
    .map((name) => [name, renderNumber(metrics[name]!.value)]);
}

function isOwn(name: string): boolean {
  return !name.includes("/");
}

function section(
  title: string,
  pairs: readonly (readonly [string, string])[],
  style: ReportStyle,
): string[] {
  if (pairs.length === 0) return [];
  const lines = renderFacts(pairs, { paint: style.paint, indent: "  " });
  return ["", style.paint.bold(title), ...lines];
}

function renderFiles(files: readonly RunFile[], style: ReportStyle): string[] {
  const rows = files.map(({ path, hash, size }) => [path, renderBytes(size), hash.slice(0, 12)]);
  return [
    "",
    ...renderTable(
      [{ title: "file" }, { title: "size", align: "right" }, { title: "content" }],
      rows,
      style,
    ),
  ];
}

function nextLines({ run, steps, versions }: RunDetails): string[] {
  const id = run.runId.slice(0, 6);
  const failed = steps.find(({ status }) => status === "failed");
  const [version] = versions;
  if (failed !== undefined) return [`next: ${COMMAND} runs logs ${id} --node ${failed.node}`];
  if (version !== undefined) return [`next: ${COMMAND} models show ${version.name}`];
  const [step] = steps;
  return step === undefined ? [] : [`next: ${COMMAND} explain ${step.node} --run ${id}`];
}
