/** @jsxImportSource hono/jsx */
import type { ColumnStatistics } from "../../../pipeline/mod.ts";
import type { DatasetFacts } from "../../api/mod.ts";
import { formatNumber, formatShare } from "../format.ts";
import type { Html } from "../html.ts";
import { WideTable } from "./tables.tsx";

/** Values that are written out; a column of few different ones is told by them. */
const SHOWN_VALUES = 4;

/** The columns of a dataset, one a line, with how their values are spread where that is known. */
export function ColumnsTable(
  { columns, statistics }: Pick<DatasetFacts, "columns" | "statistics">,
): Html {
  const known = new Map(statistics?.columns.map((column) => [column.name, column]));
  return (
    <WideTable label="Columns" isStacked>
      <thead>
        <tr>
          <th scope="col">Column</th>
          <th scope="col" class="roomy">Type</th>
          {statistics === null ? <th scope="col">Missing values</th> : (
            <>
              <th scope="col" class="number">Missing</th>
              <th scope="col" class="number roomy">Different</th>
              <th scope="col">Spread</th>
              <th scope="col">Values</th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {columns.map(({ name, type, nullable }) => {
          const column = known.get(name);
          return (
            <tr>
              <th scope="row" class="name">
                {name}
                {statistics?.label === name ? <span class="quiet-text aside">label</span> : ""}
              </th>
              <td class="roomy">{type}</td>
              {column === undefined
                ? (
                  <td>
                    {nullable ? "some" : "none"} <span class="narrow-word">missing</span>
                  </td>
                )
                : <StatisticsCells column={column} />}
            </tr>
          );
        })}
      </tbody>
    </WideTable>
  );
}

function StatisticsCells({ column }: { readonly column: ColumnStatistics }): Html {
  const { count, missing, unique, uniqueIsExact } = column;
  const all = count + missing;
  const counts = spreadOf(column);
  return (
    <>
      <td class={missing === 0 ? "number roomy" : "number"}>
        {missing === 0 ? "–" : formatShare(missing / all)} <span class="narrow-word">missing</span>
      </td>
      <td class="number roomy">{uniqueIsExact ? "" : "≥ "}{formatNumber(unique)}</td>
      <td class="last">
        {counts === undefined
          ? ""
          : <Bars counts={counts} label={`How ${column.name} is spread`} />}
      </td>
      <td class="values full">
        <Values column={column} />
      </td>
    </>
  );
}

/** Whether a column is told by its values, rather than by how long they are. */
function isCategory({ numbers, unique, top }: ColumnStatistics): boolean {
  return numbers === undefined && unique <= top.length;
}

/** How often values fall into each part of the range; for a category, how often each one comes. */
function spreadOf(column: ColumnStatistics): readonly number[] | undefined {
  if (isCategory(column)) return column.top.map(({ count }) => count);
  return (column.numbers ?? column.texts?.lengths)?.histogram.counts;
}

function Values({ column }: { readonly column: ColumnStatistics }): Html {
  const { numbers, texts, top, count, unique } = column;
  if (numbers !== undefined) {
    const { min, median, max, mean } = numbers;
    return (
      <>
        {formatNumber(min)} to {formatNumber(max)}, median {formatNumber(median)}
        {mean === null ? "" : `, mean ${formatNumber(mean)}`}
      </>
    );
  }
  if (texts !== undefined && !isCategory(column)) {
    const { min, median, max } = texts.lengths;
    return (
      <>
        {formatNumber(min)} to {formatNumber(max)} characters, median {formatNumber(median)}
        {texts.empty === 0 ? "" : `, ${formatNumber(texts.empty)} empty`}
      </>
    );
  }
  const shown = top.slice(0, SHOWN_VALUES);
  const rest = unique - shown.length;
  return (
    <span class="few">
      {shown.map(({ value, count: often }) => (
        <span>
          {String(value)} <span class="quiet-text">{formatShare(often / count)}</span>
        </span>
      ))}
      {rest > 0 ? <span class="quiet-text">and {formatNumber(rest)} more</span> : ""}
    </span>
  );
}

const WIDTH = 120;
const HEIGHT = 28;

/** Counts as small bars; the tallest fills the height. */
function Bars(
  { counts, label }: { readonly counts: readonly number[]; readonly label: string },
): Html {
  const most = Math.max(...counts, 1);
  const step = WIDTH / counts.length;
  return (
    <svg
      class="spread"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={`${label}: ${counts.map((each) => formatNumber(each)).join(", ")}`}
    >
      {counts.map((count, place) => {
        // A bucket that holds anything is seen.
        const height = count === 0 ? 0 : Math.max(1, count / most * HEIGHT);
        return (
          <rect
            x={(place * step + 0.5).toFixed(1)}
            y={(HEIGHT - height).toFixed(1)}
            width={Math.max(0.5, step - 1).toFixed(1)}
            height={height.toFixed(1)}
          />
        );
      })}
    </svg>
  );
}
