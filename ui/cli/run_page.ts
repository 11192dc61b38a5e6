import type { ModelVersion } from "../../runtime/registry/mod.ts";
import type { Run, RunFile, StepRun } from "../../runtime/store/mod.ts";
import { COMMAND } from "./closing_card.ts";
import { sortMetricNames } from "../sort_metric_names.ts";
import { renderBytes, renderDuration, renderNumber } from "./quantity.ts";
import { renderErrorText } from "./render_error.ts";
import type { ReportStyle } from "./report_style.ts";
import { runFacts } from "./run_facts.ts";
import { shellQuote } from "../shell_quote.ts";
import { renderFacts, renderTable } from "./table.ts";

/** Everything `runs show` tells of a run. */
export interface RunDetails {
  readonly run: Run;
  readonly steps: readonly StepRun[];
  readonly files: readonly RunFile[];
  readonly versions: readonly ModelVersion[];
  readonly inputs: readonly { readonly name: string; readonly digest: string }[];
}

/** A run as pages of facts: what it was, its steps, what it was given, what it measured, what it made. */
export function renderRun(details: RunDetails, style: ReportStyle): string[] {
  const { run, steps } = details;
  const { paint } = style;
  return [
    `${paint.bold(`run ${run.runId}`)}  ${run.runName}`,
    ...renderFacts(runFacts(details), { paint }),
    "",
    ...stepLines(steps, style),
    ...section("params", Object.entries(run.params), style),
    ...section("metrics", metricPairs(run), style),
    "",
    ...nextLines(details),
  ];
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

/** The files of a run as a table. */
export function renderFiles(files: readonly RunFile[], style: ReportStyle): string[] {
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
  if (version !== undefined) return [`next: ${COMMAND} models show ${shellQuote(version.name)}`];
  const [step] = steps;
  return step === undefined ? [] : [`next: ${COMMAND} explain ${step.node} --run ${id}`];
}
