/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { ComparedRuns, RunFacts } from "../../api/mod.ts";
import { StatusMark } from "../fragments/status.tsx";
import { Name, WideTable } from "../fragments/tables.tsx";
import { Ago } from "../fragments/time.tsx";
import { formatCount, formatDuration, formatNumber } from "../format.ts";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { comparePath, curvesPath, runPath } from "../paths.ts";

/** Runs side by side: what they were given, what came out, and how they got there. */
export function ComparePage({ compared }: { readonly compared: ComparedRuns }): Html {
  const { runs, params, metrics, curves, all } = compared;
  const ids = runs.map(({ run_id }) => run_id);
  // Runs of different pipelines have params of their own, which say nothing of the others.
  const isMixed = runs.some(({ pipeline }) => pipeline !== runs[0]!.pipeline);
  const shown = all || !isMixed
    ? params
    : params.filter(({ values }) => values.filter((value) => value !== null).length > 1);
  return (
    <Layout title={`${runs.length} runs`} section="runs">
      <div class="title">
        <h1>{runs.length} runs side by side</h1>
        <p class="facts">
          {all
            ? <a href={comparePath(ids)}>Show what differs</a>
            : <a href={comparePath(ids, { all: true })}>Show also what is the same</a>}
        </p>
      </div>
      <WideTable label="Runs side by side" name="side-names">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Name</span>
            </th>
            {runs.map((run, place) => (
              <th scope="col" class="number">
                <span class={`swatch series-${place}`}></span>
                <a href={runPath(run.run_id)}>{run.run_name}</a>
              </th>
            ))}
            {runs.length === 2 ? <th scope="col" class="number change">Change</th> : ""}
          </tr>
        </thead>
        <tbody>
          <Row name="Pipeline" runs={runs} show={({ pipeline }) => pipeline} />
          <Row name="Status" runs={runs} show={({ status }) => <StatusMark status={status} />} />
          <Row name="Started" runs={runs} show={({ started_at }) => <Ago at={started_at} />} />
          <Row
            name="Took"
            runs={runs}
            show={({ duration_ms }) => duration_ms === null ? "–" : formatDuration(duration_ms)}
          />
        </tbody>
        <tbody>
          <Heading text="Metrics" columns={runs.length} none={metrics.length === 0} />
          {metrics.map(({ name, values }) => (
            <tr>
              <th scope="row" class="quiet-name">
                <Name>{name}</Name>
              </th>
              {values.map((value) => (
                <td class="number">{value === null ? "–" : formatNumber(value)}</td>
              ))}
              {runs.length === 2 ? <td class="number quiet-text change">{change(values)}</td> : ""}
            </tr>
          ))}
        </tbody>
        <tbody>
          <Heading text="Params" columns={runs.length} none={shown.length === 0} />
          {shown.map(({ name, values }) => (
            <tr>
              <th scope="row" class="quiet-name">
                <Name>{name}</Name>
              </th>
              {values.map((value) => <td class="number wrap">{value ?? "–"}</td>)}
              {runs.length === 2 ? <td class="change"></td> : ""}
            </tr>
          ))}
        </tbody>
      </WideTable>
      {shown.length === params.length ? "" : (
        <p class="quiet-text below">
          {formatCount(params.length - shown.length, "param")} that only one of the runs has{" "}
          {params.length - shown.length === 1 ? "is" : "are"} left out.{" "}
          <a href={comparePath(ids, { all: true })}>Show all</a>
        </p>
      )}
      {curves.length === 0 ? "" : (
        <section aria-labelledby="curves">
          <h2 id="curves">Curves</h2>
          <div class="charts">
            {curves.map((metric) => <SharedCurve runs={runs} metric={metric} />)}
          </div>
        </section>
      )}
    </Layout>
  );
}

function Row(
  { name, runs, show }: {
    readonly name: string;
    readonly runs: readonly RunFacts[];
    readonly show: (run: RunFacts) => Html | string;
  },
): Html {
  return (
    <tr>
      <th scope="row" class="quiet-name">{name}</th>
      {runs.map((run) => <td class="number">{show(run)}</td>)}
      {runs.length === 2 ? <td class="change"></td> : ""}
    </tr>
  );
}

function Heading(
  { text, columns, none }: {
    readonly text: string;
    readonly columns: number;
    readonly none: boolean;
  },
): Html {
  return (
    <tr class="heading">
      <th scope="rowgroup" colspan={columns + (columns === 2 ? 2 : 1)}>
        {text} {none ? <span class="quiet-text">do not differ</span> : ""}
      </th>
    </tr>
  );
}

/** One metric of all runs in one picture; the colours are those of the table's head. */
function SharedCurve(
  { runs, metric }: { readonly runs: readonly RunFacts[]; readonly metric: string },
): Html {
  const ids = runs.map(({ run_id }) => run_id);
  const names = runs.map(({ run_name }) => run_name).join(", ");
  return (
    <figure class="chart">
      <figcaption>{metric}</figcaption>
      <picture>
        <source media="(prefers-color-scheme: dark)" srcset={curvesPath(ids, metric, "dark")} />
        <img
          src={curvesPath(ids, metric, "light")}
          width="480"
          height="220"
          alt={`${metric} over the iterations, of ${names}`}
          loading="lazy"
        />
      </picture>
      <p class="legend">
        {runs.map(({ run_name }, place) => (
          <span>
            <span class={`swatch series-${place}`}></span>
            {run_name}
          </span>
        ))}
      </p>
    </figure>
  );
}

function change([before, after]: ComparedRuns["metrics"][number]["values"]): string {
  if (typeof before !== "number" || typeof after !== "number") return "";
  // As many decimals as the values show: less is no difference to the eye.
  const decimals = Math.max(...[before, after].map((value) => decimalsOf(formatNumber(value))));
  const exact = after - before;
  const difference = decimals < 0 ? exact : Number(exact.toFixed(decimals));
  const sign = difference > 0 ? "+" : difference < 0 ? "−" : "±";
  return `${sign}${formatNumber(Math.abs(difference))}`;
}

/** Digits behind the point; -1 for a number with an exponent. */
function decimalsOf(text: string): number {
  return text.includes("e") ? -1 : text.split(".")[1]?.length ?? 0;
}
