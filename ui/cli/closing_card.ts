import type { RunCard, RunSummary, StepSummary } from "../../runtime/executor/run_summary.ts";
import { sortMetricNames } from "../sort_metric_names.ts";
import { renderMistakes } from "./mistake_lines.ts";
import { plural, renderDuration, renderNumber } from "./quantity.ts";
import type { ReportStyle } from "./report_style.ts";
import { shellQuote } from "../shell_quote.ts";
import { renderFacts, renderTable } from "./table.ts";

/** How the person started us, in front of every command to copy. */
export const COMMAND = "deno task pipeline";

/** More metrics than these are a table for `runs show`. */
const SHOWN_METRICS = 5;
const SHOWN_MISTAKES = 3;
/** An example with more columns is not typed by hand. */
const TYPED_COLUMNS = 8;

/** How a closing card is drawn. */
export interface CardStyle extends ReportStyle {
  /** Address of a server of the same store that listens: the run has a page there. */
  readonly server?: string | undefined;
}

/** What a run ends with: version, verdict, metrics, three mistakes and the lines to copy next. */
export function closingCard(summary: RunSummary, card: RunCard, style: CardStyle): string[] {
  return [
    "",
    headline(summary, style),
    ...gateLines(summary, style),
    ...metricLines(summary, style),
    ...mistakeSection(card, style),
    "",
    ...nextLines(summary, card, style),
  ];
}

function headline(
  { status, pipeline, model, duration_ms, steps }: RunSummary,
  { paint }: ReportStyle,
): string {
  const took = paint.dim(renderDuration(duration_ms));
  const cached = steps.every((step) => step.status === "cached");
  switch (status) {
    case "succeeded": {
      const title = model === null ? pipeline : `${model.name} version ${model.version}`;
      const aliases = model === null || model.aliases.length === 0
        ? ""
        : `  ${model.aliases.join(", ")}`;
      const note = cached && steps.length > 0 ? `  ${paint.dim("nothing changed")}` : "";
      return `${paint.green("✓")} ${paint.bold(title)}${aliases}${note}  ${took}`;
    }
    case "gated":
      return `${paint.yellow("✗")} ${paint.bold(`${pipeline}: a gate said no`)}  ${took}`;
    case "failed":
      return `${paint.red("✗")} ${paint.bold(`${pipeline} failed`)}  ${took}`;
    case "cancelled":
      return `${paint.yellow("■")} ${paint.bold(`${pipeline} was cancelled`)}  ${took}`;
  }
}

function gateLines({ gates }: RunSummary, { paint }: ReportStyle): string[] {
  return gates.flatMap(({ node, passed, reasons }) => {
    const word = passed ? "passed" : "did not pass";
    const mark = passed ? paint.green("✓") : paint.red("✗");
    const head = `  ${mark} ${node} ${word}`;
    // One reason fits beside it; several are a list.
    const [only] = reasons;
    if (reasons.length === 1) return [`${head}: ${only}`];
    return [head, ...reasons.map((reason) => `      ${reason}`)];
  });
}

/** The metrics of the run as a whole; those of single nodes are in `runs show`. */
function metricLines({ metrics, gates }: RunSummary, { paint }: ReportStyle): string[] {
  // A gate's reason begins with the metric it speaks of.
  const demanded = gates.flatMap(({ reasons }) => reasons.map((reason) => reason.split(" ")[0]!));
  const own = Object.keys(metrics).filter((name) => !name.includes("/"));
  const shown = sortMetricNames(own, new Set(demanded)).slice(0, SHOWN_METRICS);
  const rest = own.length - shown.length;
  const lines = renderTable(
    [{ title: "" }, { title: "", align: "right" }],
    shown.map((name) => [name, metricText(metrics[name]!)]),
    { width: null },
  ).slice(1).map((line) => `  ${line}`);
  return rest > 0 ? [...lines, paint.dim(`  and ${plural(rest, "more metric")}`)] : lines;
}

/** Four decimals, so that the points line up; counts have none. */
function metricText(value: number | "NaN"): string {
  if (value === "NaN") return value;
  const isShare = value >= -1 && value <= 1;
  const isPlain = Math.abs(value) >= 0.001 && Math.abs(value) < 1e6 && !Number.isInteger(value);
  return isPlain || (isShare && Number.isInteger(value)) ? value.toFixed(4) : renderNumber(value);
}

function mistakeSection({ mistakes }: RunCard, style: ReportStyle): string[] {
  if (mistakes.length === 0) return [];
  const shown = mistakes.slice(0, SHOWN_MISTAKES);
  const title = shown.length === 1 ? "A mistake it was sure of" : "Mistakes it was most sure of";
  return ["", style.paint.bold(title), ...renderMistakes(shown, style)];
}

function nextLines(summary: RunSummary, card: RunCard, { paint, server }: CardStyle): string[] {
  const run = summary.run_id.slice(0, 6);
  const lines: [string, string][] = [["see the run", `${COMMAND} runs show ${run}`]];
  if (server !== undefined) lines.push(["its page", `${server}runs/${run}`]);
  const predict = predictCommand(summary, card);
  if (predict !== undefined) lines.push(["predict", predict]);
  const failed = summary.steps.find(({ status }) => status === "failed");
  const node = nodeToExplain(summary);
  if (failed !== undefined) {
    lines.push(["read its log", `${COMMAND} runs logs ${run} --node ${failed.node}`]);
  } else if (summary.status === "cancelled") {
    lines.push(["go on", "the same command again: what is finished is cached"]);
  } else if (node !== undefined) {
    const why = node.status === "cached" ? "why it was cached" : "why it ran";
    lines.push([why, `${COMMAND} explain ${node.node} --run ${run}`]);
  }
  return renderFacts(lines, { paint });
}

/** The step that used the most time, asking a person aside; of cached ones the training. */
function nodeToExplain({ steps }: RunSummary): StepSummary | undefined {
  const [slowest] = steps.filter(({ step }) => step !== "register").toSorted((a, b) =>
    b.duration_ms - a.duration_ms
  );
  if (slowest?.status !== "cached") return slowest;
  return steps.find(({ step }) => step === "train") ?? slowest;
}

/** A prediction to copy: with its values when they can be typed, else with the model's own example. */
function predictCommand({ model }: RunSummary, { inputExample }: RunCard): string | undefined {
  if (model === null) return undefined;
  const command = `${COMMAND} predict ${shellQuote(model.name)}`;
  const pairs = Object.entries(inputExample ?? {});
  const [[, only] = []] = pairs;
  // A model of one text takes the text as it is.
  if (
    pairs.length === 1 && typeof only === "string" && isTypable(only) && /^[^\s@[{-]/.test(only)
  ) {
    return `${command} ${shellQuote(only)}`;
  }
  const isTyped = pairs.length > 0 && pairs.length <= TYPED_COLUMNS &&
    pairs.every(([, value]) => isTypable(value));
  if (!isTyped) return `${command} --example`;
  return `${command} ${pairs.map(([name, value]) => shellQuote(`${name}=${value}`)).join(" ")}`;
}

function isTypable(value: unknown): boolean {
  if (typeof value === "string") return value.length <= 40 && !/\p{Cc}/u.test(value);
  return typeof value === "number" || typeof value === "boolean";
}
