import type { ColumnStatistics } from "../../../../pipeline/mod.ts";
import type { DatasetFacts } from "../../../api/mod.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { plural, renderCount, renderNumber, renderPercent } from "../../quantity.ts";
import type { ReportStyle } from "../../report_style.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { renderTable, type TableColumn } from "../../table.ts";

/** Rows of the sample that a terminal shows; `--json` has all of it. */
const SHOWN_ROWS = 5;
/** Columns of the sample that a terminal shows. */
const SHOWN_COLUMNS = 8;

/** `runs data RUN [OUTPUT]`: what a dataset of a run holds. */
export function dataCommand(shell: Shell): AnyCommand {
  return newCommand("data", {
    summary: "what a dataset of a run holds: columns, statistics, first rows",
    examples: [
      ["runs data 3f9a2c", "the datasets that it made"],
      ["runs data 3f9a2c split.training", "one of them"],
    ],
  })
    .argument("<run>", "id, start of an id, or name")
    .argument("[output]", "node.output")
    .action(async (reference, output, { json }) => {
      const { getDatasetFacts, listDatasetAddresses } = await import("../../../api/mod.ts");
      const { getRun } = await import("../../../../runtime/store/mod.ts");
      await using store = await openShellStore(shell);
      const { out } = shell.terminal;
      if (output === undefined) {
        const { runId } = await getRun(store, reference);
        const made = await listDatasetAddresses(store, runId);
        if (json) return printJson(shell, made);
        return out.lines(
          made.length === 0 ? ["It made no dataset."] : made.map(({ address }) => address),
        );
      }
      const facts = await getDatasetFacts(store, reference, output);
      if (json) return printJson(shell, facts);
      out.lines(renderDataset(facts, { paint: out.paint, width: out.width() }));
    }) as AnyCommand;
}

/** A dataset for a terminal. */
export function renderDataset(facts: DatasetFacts, style: ReportStyle): string[] {
  const { address, run_name, row_count, columns, statistics, sample } = facts;
  const { paint } = style;
  const shown = columns.slice(0, SHOWN_COLUMNS);
  return [
    `${paint.bold(address)} of ${run_name}: ${plural(row_count, "row")}, ${
      plural(columns.length, "column")
    }`,
    ...(statistics?.anomalies ?? []).map(({ severity, reason }) => `${severity}: ${reason}`),
    "",
    ...renderTable(COLUMNS, columnRows(facts), style),
    "",
    ...renderTable(
      shown.map(({ name }) => ({ title: name, flexible: true })),
      sample.slice(0, SHOWN_ROWS).map((row) => shown.map(({ name }) => String(row[name] ?? ""))),
      style,
    ),
  ];
}

const COLUMNS: readonly TableColumn[] = [
  { title: "column", flexible: true },
  { title: "type" },
  { title: "missing", align: "right" },
  { title: "different", align: "right" },
  { title: "values", flexible: true },
];

function columnRows({ columns, statistics }: DatasetFacts): string[][] {
  const known = new Map(statistics?.columns.map((column) => [column.name, column]));
  return columns.map(({ name, type, nullable }) => {
    const column = known.get(name);
    if (column === undefined) return [name, type, nullable ? "some" : "none", "", ""];
    const { count, missing, unique, uniqueIsExact } = column;
    return [
      name,
      type,
      missing === 0 ? "none" : renderPercent(missing / (count + missing)),
      `${uniqueIsExact ? "" : "≥ "}${renderCount(unique)}`,
      valuesOf(column),
    ];
  });
}

function valuesOf({ numbers, texts, top, count, unique }: ColumnStatistics): string {
  if (numbers !== undefined) {
    const { min, median, max } = numbers;
    return `${renderNumber(min)} to ${renderNumber(max)}, median ${renderNumber(median)}`;
  }
  if (texts !== undefined && unique > top.length) {
    const { min, median, max } = texts.lengths;
    return `${renderNumber(min)} to ${renderNumber(max)} characters, median ${
      renderNumber(median)
    }`;
  }
  return top.slice(0, 4)
    .map(({ value, count: often }) => `${value} ${renderPercent(often / count)}`)
    .join(", ");
}
