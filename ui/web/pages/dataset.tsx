/** @jsxImportSource hono/jsx */
import type { DatasetFacts } from "../../api/mod.ts";
import { ColumnsTable } from "../fragments/column_statistics.tsx";
import { WideTable } from "../fragments/tables.tsx";
import { formatCount, formatNumber } from "../format.ts";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { lineagePath, runPath } from "../paths.ts";

/** Columns of the sample that are shown. */
const SHOWN_COLUMNS = 40;

/** Texts of more characters are given room. */
const LONG_TEXT = 40;

/** One dataset: what its columns hold, how their values are spread, and some of its rows. */
export function DatasetPage({ facts }: { readonly facts: DatasetFacts }): Html {
  const { address, row_count, columns, attribution, statistics, artifact } = facts;
  return (
    <Layout title={address} section="runs">
      <div class="title">
        <h1>{address}</h1>
        <p class="facts">
          {formatCount(row_count, "row")} · {formatCount(columns.length, "column")}
          {statistics === null || statistics.duplicates === 0
            ? ""
            : ` · ${repeats(statistics.duplicates)}`}
        </p>
      </div>
      <p class="facts">
        Made by run <a href={runPath(facts.run_id)}>{facts.run_name}</a> of {facts.pipeline} ·{" "}
        <a href={lineagePath(artifact)}>where it comes from and what was made of it</a> ·{" "}
        <code>{artifact.slice(0, 12)}</code>
      </p>
      {attribution === null ? "" : (
        <p class="facts">
          Data: {attribution.url === undefined
            ? attribution.title
            : <a href={attribution.url} rel="noreferrer">{attribution.title}</a>},{" "}
          {attribution.license}
        </p>
      )}
      <Anomalies facts={facts} />
      <section aria-labelledby="columns">
        <h2 id="columns">Columns</h2>
        <ColumnsTable columns={columns} statistics={statistics} />
        {statistics !== null ? "" : (
          <p class="quiet-text below">
            Statistics are there for a dataset that goes through a <code>validate</code> step.
          </p>
        )}
      </section>
      <SampleRows facts={facts} />
    </Layout>
  );
}

function repeats(count: number): string {
  return count === 1
    ? "1 row repeats an earlier one"
    : `${formatNumber(count)} rows repeat earlier ones`;
}

function Anomalies({ facts: { statistics } }: { readonly facts: DatasetFacts }): Html | null {
  if (statistics === null) return null;
  const { anomalies } = statistics;
  if (anomalies.length === 0) {
    return (
      <p class="status good">
        <span class="sign" aria-hidden="true">✓</span> no anomalies
      </p>
    );
  }
  return (
    <div class="notice warn" role="status">
      <p class="notice-title">
        {anomalies.length === 1 ? "1 anomaly" : `${anomalies.length} anomalies`}
      </p>
      <ul>
        {anomalies.map(({ severity, reason, type }) => (
          <li>
            {severity}: {reason} <code>{type}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

function SampleRows({ facts }: { readonly facts: DatasetFacts }): Html {
  const { sample, columns, row_count } = facts;
  const shown = columns.slice(0, SHOWN_COLUMNS);
  const left = columns.length - shown.length;
  const isLong = new Set(
    shown.map(({ name }) => name)
      .filter((name) => sample.some((row) => String(row[name] ?? "").length > LONG_TEXT)),
  );
  return (
    <section aria-labelledby="rows">
      <h2 id="rows">The first rows</h2>
      {sample.length === 0
        ? <p class="quiet-text">This dataset has no rows.</p>
        : (
          <WideTable label="The first rows">
            <thead>
              <tr>
                {shown.map(({ name, type }) => (
                  <th scope="col" class={isNumber(type) ? "number" : ""}>{name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sample.map((row) => (
                <tr>
                  {shown.map(({ name, type }) => (
                    <td class={isNumber(type) ? "number" : isLong.has(name) ? "cell long" : "cell"}>
                      {row[name] === null || row[name] === undefined
                        ? <span class="quiet-text">missing</span>
                        : String(row[name])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </WideTable>
        )}
      <p class="quiet-text below">
        {sample.length < row_count
          ? `${formatNumber(sample.length)} of ${formatNumber(row_count)} rows`
          : ""}
        {left > 0 ? `, ${shown.length} of ${columns.length} columns` : ""}
      </p>
    </section>
  );
}

function isNumber(type: DatasetFacts["columns"][number]["type"]): boolean {
  return type === "number" || type === "integer";
}
