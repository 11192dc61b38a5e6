import type { RunCard, RunSummary } from "../../runtime/executor/run_summary.ts";
import { renderMistakes } from "./mistake_lines.ts";
import { renderDuration, renderNumber } from "./quantity.ts";
import type { ReportStyle } from "./report_style.ts";
import { shellQuote } from "./shell_quote.ts";
import { renderFacts } from "./table.ts";
import { padEnd, padStart, textWidth } from "./text_width.ts";

/** How the person started us, in front of every command to copy. */
export const COMMAND = "deno task pipeline";

/** More metrics than these are a table for `runs show`. */
const SHOWN_METRICS = 8;
const SHOWN_MISTAKES = 3;
/** An example with more columns is not typed by hand. */
const TYPED_COLUMNS = 8;

/** What a run ends with: version, verdict, metrics, three mistakes and the lines to copy next. */
export function closingCard(summary: RunSummary, card: RunCard, style: ReportStyle): string[] {
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
function metricLines({ metrics }: RunSummary, { paint }: ReportStyle): string[] {
  const bare = Object.entries(metrics).filter(([name]) => !name.includes("/"));
  const shown = bare.slice(0, SHOWN_METRICS);
  const names = Math.max(0, ...shown.map(([name]) => textWidth(name)));
  const texts = shown.map(([, value]) => typeof value === "number" ? decimals(value) : value);
  const values = Math.max(0, ...texts.map(textWidth));
  const lines = shown.map(([name], i) =>
    `  ${paint.dim(padEnd(name, names))}  ${padStart(texts[i]!, values)}`
  );
  const rest = bare.length - shown.length;
  return rest > 0 ? [...lines, paint.dim(`  and ${rest} more metrics`)] : lines;
}

/** Four decimals for what is no whole number, so that the points line up. */
function decimals(value: number): string {
  const isPlain = !Number.isInteger(value) && Math.abs(value) >= 0.001 && Math.abs(value) < 1e6;
  return isPlain ? value.toFixed(4) : renderNumber(value);
}

function mistakeSection({ mistakes }: RunCard, style: ReportStyle): string[] {
  if (mistakes.length === 0) return [];
  const shown = mistakes.slice(0, SHOWN_MISTAKES);
  const title = shown.length === 1 ? "A mistake it was sure of" : "Mistakes it was most sure of";
  return ["", style.paint.bold(title), ...renderMistakes(shown, style)];
}

function nextLines(summary: RunSummary, card: RunCard, { paint }: ReportStyle): string[] {
  const run = summary.run_id.slice(0, 6);
  const lines: [string, string][] = [["see the run", `${COMMAND} runs show ${run}`]];
  const predict = predictCommand(summary, card);
  if (predict !== undefined) lines.push(["predict", predict]);
  const stopped = summary.steps.find(({ status }) => status === "failed" || status === "cancelled");
  const slowest = summary.steps.toSorted((a, b) => b.duration_ms - a.duration_ms)[0];
  if (stopped !== undefined) {
    lines.push(["read its log", `${COMMAND} runs logs ${run} --node ${stopped.node}`]);
  } else if (slowest !== undefined) {
    const why = slowest.status === "cached" ? "why it was cached" : "why it ran";
    lines.push([why, `${COMMAND} explain ${slowest.node} --run ${run}`]);
  }
  return renderFacts(lines, { paint });
}

/** A prediction to copy: with its values when they can be typed, else with the model's own example. */
function predictCommand({ model }: RunSummary, { inputExample }: RunCard): string | undefined {
  if (model === null) return undefined;
  const command = `${COMMAND} predict ${shellQuote(model.name)}`;
  const pairs = Object.entries(inputExample ?? {});
  const isTyped = pairs.length > 0 && pairs.length <= TYPED_COLUMNS &&
    pairs.every(([, value]) => isTypable(value));
  if (!isTyped) return `${command} --example`;
  return `${command} ${pairs.map(([name, value]) => shellQuote(`${name}=${value}`)).join(" ")}`;
}

function isTypable(value: unknown): boolean {
  if (typeof value === "string") return value.length <= 40 && !/\p{Cc}/u.test(value);
  return typeof value === "number" || typeof value === "boolean";
}
