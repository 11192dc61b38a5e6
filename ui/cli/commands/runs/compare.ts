import type { Run } from "../../../../runtime/store/mod.ts";
import { compareRuns, type RunComparison } from "../../../compare_runs.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { renderNumber } from "../../quantity.ts";
import type { ReportStyle } from "../../report_style.ts";
import { runDocument, statusWord } from "../../run_document.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { renderTable, type TableColumn } from "../../table.ts";
import { usageError } from "../../usage_error.ts";

/** `runs compare A B…`: params and metrics side by side. */
export function compareCommand(shell: Shell): AnyCommand {
  return newCommand("compare", {
    summary: "params that differ and metrics, side by side",
    examples: [
      ["runs compare 3f9a2c 41b07e", "what differs"],
      ["runs compare 3f9a2c 41b07e --all", "also what is the same"],
    ],
  })
    .argument("<run...>", "two or more ids, starts of ids, or names")
    .option("--all", "also show what is the same")
    .action(async (references, { json, all }) => {
      if (references.length < 2) {
        throw usageError("one run cannot be compared", "Name two runs or more");
      }
      const { getRun } = await import("../../../../runtime/store/mod.ts");
      await using store = await openShellStore(shell);
      const runs: Run[] = [];
      for (const reference of references) runs.push(await getRun(store, reference));
      const compared = compareRuns(runs, { all: all === true });
      if (json) return printJson(shell, { runs: runs.map(runDocument), ...compared });
      const { out } = shell.terminal;
      out.lines(renderComparison(runs, compared, { paint: out.paint, width: out.width() }));
    }) as AnyCommand;
}

function renderComparison(
  runs: readonly Run[],
  { params, metrics }: RunComparison,
  style: ReportStyle,
): string[] {
  const columns: TableColumn[] = [
    { title: "" },
    ...runs.map(({ runId }) => (
      { title: runId.slice(0, 6), align: "right", flexible: true } as const
    )),
    ...(runs.length === 2 ? [{ title: "change", align: "right" } as const] : []),
  ];
  const rows = [
    ["pipeline", ...runs.map(({ experiment }) => experiment)],
    ["name", ...runs.map(({ runName }) => runName)],
    ["status", ...runs.map(statusWord)],
    ...params.map(({ name, values }) => [name, ...values.map((value) => value ?? "—")]),
    ...metrics.map(({ name, values }) => [
      name,
      ...values.map((value) => value === null ? "—" : renderNumber(value)),
      ...(runs.length === 2 ? [change(values)] : []),
    ]),
  ];
  const same = params.length + metrics.length === 0 ? ["Params and metrics are the same."] : [];
  return [...renderTable(columns, rows, style), ...same];
}

function change([before, after]: readonly (number | null)[]): string {
  if (typeof before !== "number" || typeof after !== "number") return "";
  const difference = after - before;
  if (!Number.isFinite(difference)) return "";
  return `${difference > 0 ? "+" : difference < 0 ? "−" : "±"}${
    renderNumber(Math.abs(difference))
  }`;
}
