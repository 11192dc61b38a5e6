/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import { useContext } from "hono/jsx";
import type { RunDetail, VersionFacts } from "../../api/mod.ts";
import { Chart } from "../fragments/chart.tsx";
import { EmptyState } from "../fragments/notice.tsx";
import { Outcome } from "../fragments/outcome.tsx";
import { LogLines, RunFiles, StepsTable } from "../fragments/run_parts.tsx";
import { RunGraphPicture } from "../fragments/run_graph.tsx";
import { AliasBadge, StatusMark } from "../fragments/status.tsx";
import { StopForm, StopNote } from "../fragments/stop_parts.tsx";
import { Name, NameValues, OwnTags } from "../fragments/tables.tsx";
import { Ago } from "../fragments/time.tsx";
import { formatCount, formatDuration, formatNumber } from "../format.ts";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { ReaderContext, readerMay } from "../reader.ts";
import { chartPath, modelPath, runPath } from "../paths.ts";

export interface RunProps {
  readonly run: RunDetail;
  /** Versions that the run made. */
  readonly versions: readonly VersionFacts[];
}

/** Everything about one run. It refreshes itself while the run goes on. */
export function RunPage({ run, versions }: RunProps): Html {
  const isLive = run.status === "running";
  return (
    <Layout
      title={run.run_name}
      section="runs"
      {...(isLive ? { liveFrom: `${runPath(run.run_id)}/events` } : {})}
    >
      <div class="title">
        <h1>{run.run_name}</h1>
        <p class="facts">
          <StatusMark status={run.status} />
        </p>
        {run.tags["hanok.config"] === undefined
          ? ""
          : isLive
          ? <StopForm run={run} />
          : <RerunForm run={run} />}
      </div>
      <p class="facts">
        Pipeline{" "}
        <a href={`/runs?pipeline=${encodeURIComponent(run.pipeline)}`}>{run.pipeline}</a>, started
        {" "}
        <Ago at={run.started_at} /> by {run.user}
        {run.duration_ms === null ? "" : `, took ${formatDuration(run.duration_ms)}`}
        {versions.map((version) => (
          <span>
            , made <a href={modelPath(version.model)}>{version.model} version {version.version}</a>
            {" "}
            <span class="badges">
              {version.aliases.map((alias) => <AliasBadge alias={alias} />)}
            </span>
          </span>
        ))}
      </p>
      <OwnTags tags={run.own_tags} />
      {run.note === null ? "" : <p class="lead wrap">{run.note}</p>}
      <StopNote run={run} />
      <Outcome run={run} versions={versions} />
      <Metrics run={run} />
      <section aria-labelledby="steps">
        <h2 id="steps">Steps</h2>
        {run.steps.length === 0
          ? <p class="quiet-text">This run has no steps: it was recorded by code of its own.</p>
          : (
            <>
              {run.graph === null
                ? ""
                : <RunGraphPicture runId={run.run_id} graph={run.graph} steps={run.steps} />}
              <StepsTable run={run} />
            </>
          )}
      </section>
      <Curves run={run} />
      <div class="columns">
        <section aria-labelledby="params">
          <h2 id="params">Params</h2>
          <Texts label="Params" texts={run.params} none="This run has no params." />
        </section>
        <section aria-labelledby="files">
          <h2 id="files">Artifacts</h2>
          <RunFiles run={run} />
        </section>
      </div>
      <section aria-labelledby="log">
        <h2 id="log">Log</h2>
        <LogLines run={run} />
      </section>
      <details>
        <summary>{formatCount(Object.keys(run.tags).length, "tag")}</summary>
        <Texts label="Tags" texts={run.tags} none="This run has no tags." />
      </details>
    </Layout>
  );
}

/** The same pipeline with the same config once more. */
function RerunForm({ run }: { readonly run: RunDetail }): Html | null {
  if (!readerMay(useContext(ReaderContext), "editor")) return null;
  return (
    <form method="post" action={`${runPath(run.run_id)}/rerun`} class="rerun">
      <label>
        <input type="checkbox" name="fresh" /> without the cache
      </label>
      <button type="submit" class="plain">Run again</button>
    </form>
  );
}

/** Metrics that a run shows at once; the terminal shows as many. */
const HEADLINE_METRICS = 5;

function Metrics({ run }: { readonly run: RunDetail }): Html | null {
  const entries = Object.entries(run.metrics);
  if (entries.length === 0) return null;
  const rest = entries.slice(HEADLINE_METRICS);
  return (
    <section aria-label="Metrics">
      <div class="tiles">
        {entries.slice(0, HEADLINE_METRICS).map(([name, value]) => (
          <div class="tile">
            <span class="tile-value">{formatNumber(value)}</span>
            <span class="quiet-text">
              <Name>{name}</Name>
            </span>
          </div>
        ))}
      </div>
      {rest.length === 0 ? "" : (
        <details>
          <summary>{formatCount(rest.length, "more metric")}</summary>
          <NameValues label="More metrics" entries={rest} />
        </details>
      )}
    </section>
  );
}

/** Curves of steps that are drawn; those beyond them are links. */
const DRAWN_CURVES = 24;

/** Curves of the steps are open; those of the machine are there for who asks. */
function Curves({ run }: { readonly run: RunDetail }): Html | null {
  const ofSteps = run.curves.filter((key) => !key.startsWith("system/"));
  const ofMachine = run.curves.filter((key) => key.startsWith("system/"));
  if (run.curves.length === 0) return null;
  return (
    <section aria-labelledby="curves">
      <h2 id="curves">Curves</h2>
      {ofSteps.length === 0 ? "" : (
        <div class="charts">
          {ofSteps.slice(0, DRAWN_CURVES).map((key) => <Chart run={run} metric={key} />)}
        </div>
      )}
      {ofSteps.length <= DRAWN_CURVES ? "" : (
        <details>
          <summary>{formatCount(ofSteps.length - DRAWN_CURVES, "more curve")}</summary>
          <ul class="files">
            {ofSteps.slice(DRAWN_CURVES).map((key) => (
              <li>
                <a class="wrap" href={chartPath(run.run_id, key, "light")}>{key}</a>
              </li>
            ))}
          </ul>
        </details>
      )}
      {ofMachine.length === 0 ? "" : (
        <details>
          <summary>The machine meanwhile: {formatCount(ofMachine.length, "curve")}</summary>
          <div class="charts">
            {ofMachine.map((key) => <Chart run={run} metric={key} />)}
          </div>
        </details>
      )}
    </section>
  );
}

/** A list of more is folded after its beginning. */
const MOST_UNFOLDED = 24;
const SHOWN_FIRST = 16;

function Texts(
  { label, texts, none }: {
    readonly label: string;
    readonly texts: Readonly<Record<string, string>>;
    readonly none: string;
  },
): Html {
  const entries = Object.entries(texts);
  if (entries.length === 0) return <EmptyState title={none} />;
  if (entries.length <= MOST_UNFOLDED) return <NameValues label={label} entries={entries} />;
  const rest = entries.slice(SHOWN_FIRST);
  return (
    <>
      <NameValues label={label} entries={entries.slice(0, SHOWN_FIRST)} />
      <details>
        <summary>{formatNumber(rest.length)} more</summary>
        <NameValues label={`More ${label.toLowerCase()}`} entries={rest} />
      </details>
    </>
  );
}
