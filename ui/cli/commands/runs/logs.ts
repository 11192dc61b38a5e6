import type { RunLog } from "../../../../runtime/store/mod.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import type { Paint } from "../../paint.ts";
import { parseCount } from "../../parse_count.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { harmless, padEnd, textWidth } from "../../text_width.ts";

/** `runs logs RUN`: what the steps of a run said. */
export function logsCommand(shell: Shell): AnyCommand {
  return newCommand("logs", {
    summary: "what the steps of a run said, oldest first",
    examples: [
      ["runs logs 3f9a2c", "all of it"],
      ["runs logs 3f9a2c --node train", "one node"],
      ["runs logs 3f9a2c --limit 100", "the last 100 lines"],
    ],
  })
    .argument("<run>", "id, start of an id, or name")
    .option("--node <node>", "only this node")
    .option("-n, --limit <count>", "only the last lines, so many", parseCount)
    .action(async (reference, { json, node, limit }) => {
      const { getRun, listLogs, listStepRuns } = await import("../../../../runtime/store/mod.ts");
      await using store = await openShellStore(shell);
      const { runId } = await getRun(store, reference);
      if (node !== undefined) {
        const { requireNode } = await import("../../require_node.ts");
        requireNode(node, (await listStepRuns(store, runId)).map((each) => each.node));
      }
      const logs = await listLogs(store, runId, {
        ...(node === undefined ? {} : { node }),
        ...(limit === undefined ? {} : { last: limit }),
      });
      if (json) {
        const lines = logs.map(({ at, ...line }) => ({ at: new Date(at).toISOString(), ...line }));
        return printJson(shell, lines);
      }
      if (logs.length === 0) shell.terminal.err.lines(["It said nothing."]);
      shell.terminal.out.lines(renderLogs(logs, shell.terminal.out.paint));
    }) as AnyCommand;
}

const MARKS = { info: " ", warning: "!", error: "✗" } as const;

/** One line a message, with time (UTC), node and mark; its further lines are indented. */
export function renderLogs(logs: readonly RunLog[], paint: Paint): string[] {
  const nodes = new Set(logs.map(({ node }) => node ?? "run"));
  const width = Math.max(0, ...[...nodes].map(textWidth));
  return logs.flatMap(({ at, node, level, message }) => {
    const time = new Date(at).toISOString().slice(11, 23);
    const [first = "", ...rest] = harmless(message).split("\n");
    const mark = level === "error"
      ? paint.red(MARKS.error)
      : level === "warning"
      ? paint.yellow(MARKS.warning)
      : MARKS.info;
    const indent = " ".repeat(time.length + width + 6);
    return [
      `${paint.dim(time)} ${mark} ${padEnd(node ?? "run", width)}  ${first}`.trimEnd(),
      ...rest.map((line) => `${indent}${line}`),
    ];
  });
}
