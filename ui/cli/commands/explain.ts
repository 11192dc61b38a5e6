import type { NodeExplanation } from "../../../runtime/executor/explain_node.ts";
import { COMMAND } from "../closing_card.ts";
import { type AnyCommand, newCommand } from "../new_command.ts";
import { onOneLine } from "../text_width.ts";
import { openShellStore, printJson, type Shell } from "../shell.ts";
import { renderTable } from "../table.ts";
import type { ReportStyle } from "../report_style.ts";

/** `explain NODE`: why a node ran, or did not. */
export function command(shell: Shell): AnyCommand {
  return newCommand("explain", {
    summary: "why a node ran or was cached: what differs, old and new",
    about:
      "Compares the parts of the node's cache key (code, params, inputs, reads, environment)\n" +
      "with those of the run before.",
    examples: [
      ["explain train", "in the newest run that has this node"],
      ["explain train --run 3f9a2c", "in that run"],
      ["explain train --pipeline iris", "in the newest run of that pipeline"],
    ],
  })
    .argument("<node>", "id of the node")
    .option("--run <run>", "id, start of an id, or name of a run")
    .option("--pipeline <name>", "name of the pipeline, when no run is given")
    .action(async (node, { json, run, pipeline }) => {
      const { explainNode } = await import("../../../runtime/mod.ts");
      await using store = await openShellStore(shell);
      const explanation = await explainNode(store, {
        node,
        ...(run === undefined ? {} : { run }),
        ...(pipeline === undefined ? {} : { pipeline }),
      });
      if (json) return printJson(shell, explanation);
      const { out } = shell.terminal;
      out.lines(renderExplanation(explanation, { paint: out.paint, width: out.width() }));
    }) as AnyCommand;
}

const WORDS = {
  pending: "has not run",
  running: "is running",
  succeeded: "ran",
  cached: "was cached",
  failed: "failed",
  skipped: "was skipped",
  cancelled: "was cancelled",
} as const;

/** What happened to the node and why, then a table of what differs from the run before. */
export function renderExplanation(explanation: NodeExplanation, style: ReportStyle): string[] {
  const { node, run_id, run_name, pipeline, status, reason, compared_with } = explanation;
  const because = reason === "" ? "" : `: ${onOneLine(reason)}`;
  return [
    `${style.paint.bold(node)} ${WORDS[status]}${because}`,
    style.paint.dim(`in run ${run_id.slice(0, 6)} (${run_name}) of ${pipeline}`),
    "",
    ...differenceLines(explanation, style),
    "",
    compared_with === null
      ? `next: ${COMMAND} runs show ${run_id.slice(0, 6)}`
      : `next: ${COMMAND} runs compare ${compared_with.slice(0, 6)} ${run_id.slice(0, 6)}`,
  ];
}

function differenceLines(
  { compared_with, differences, parts, status }: NodeExplanation,
  style: ReportStyle,
): string[] {
  if (compared_with === null) {
    const modules = Object.keys(parts?.code ?? {}).length;
    const known = modules === 0 ? "" : ` Its key covers ${modules} modules.`;
    return [`There is no earlier run to compare with.${known}`];
  }
  const before = `run ${compared_with.slice(0, 6)}`;
  if (differences.length === 0) {
    return parts === null
      ? [`Its key is not known: it did not get so far.`]
      : [`Its key is the same as in ${before}: code, params, inputs and environment.`];
  }
  const rows = differences.map(({ part, name, before, after }) => [
    part,
    name,
    shorten(before),
    shorten(after),
  ]);
  const title = status === "cached"
    ? `An earlier run had the same key. What differs from the run right before, ${before}:`
    : `What differs from ${before}:`;
  return [
    title,
    ...renderTable(
      [
        { title: "part" },
        { title: "name", flexible: true },
        { title: "before", flexible: true },
        { title: "now", flexible: true },
      ],
      rows,
      style,
    ),
  ];
}

/** Hashes by their first digits; what was not there as a dash. */
function shorten(value: unknown): string {
  if (value === null) return "—";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text;
}
