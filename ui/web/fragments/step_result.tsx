/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { RunDetail } from "../../api/mod.ts";
import { formatDuration } from "../format.ts";
import type { Html } from "../html.ts";
import { datasetPath, filesPath } from "../paths.ts";
import { Chart } from "./chart.tsx";
import { FileList, LogLines, StepError } from "./run_parts.tsx";

interface NodeOfRun {
  readonly run: RunDetail;
  readonly node: string;
}

/** Curves of a node that are drawn. */
const DRAWN_CURVES = 6;

/** What came of a node: its result in words, its curves, and what it made. */
export function StepResult({ run, node }: NodeOfRun): Html | null {
  const step = run.steps.find((each) => each.node === node);
  if (step === undefined) return null;
  const { summary, error, duration_ms, status } = step;
  const curves = run.curves.filter((key) => key.startsWith(`${node}/`)).slice(0, DRAWN_CURVES);
  const hasRun = status === "succeeded" || status === "failed";
  return (
    <>
      <section aria-labelledby="result">
        <h2 id="result">Result</h2>
        {error === null
          ? <p>{summary ?? "It has nothing to tell."}</p>
          : <StepError error={error} />}
        {!hasRun || duration_ms === null
          ? ""
          : <p class="quiet-text">It took {formatDuration(duration_ms)}.</p>}
        {curves.length === 0 ? "" : (
          <div class="charts">
            {curves.map((metric) => <Chart run={run} metric={metric} />)}
          </div>
        )}
      </section>
      <Made run={run} node={node} />
    </>
  );
}

function Made({ run, node }: NodeOfRun): Html | null {
  const { run_id, files, file_count, made_datasets } = run;
  const datasets = made_datasets.filter(({ address }) => address.startsWith(`${node}.`));
  const own = files.items.filter(({ path }) => path.startsWith(`${node}/`));
  if (datasets.length === 0 && own.length === 0) return null;
  return (
    <section aria-labelledby="made">
      <h2 id="made">What it made</h2>
      {datasets.length === 0 ? "" : (
        <p class="few">
          <span class="quiet-text">Data to look at:</span>
          {datasets.map(({ address }) => <a href={datasetPath(run_id, address)}>{address}</a>)}
        </p>
      )}
      <FileList runId={run_id} files={own} />
      {files.items.length >= file_count ? "" : (
        <p class="quiet-text below">
          There may be more among <a href={filesPath(run_id, 0)}>all artifacts of the run</a>.
        </p>
      )}
    </section>
  );
}

/** The lines that a node said. */
export function StepLog({ run, node }: NodeOfRun): Html | null {
  const logs = run.logs.filter((line) => line.node === node);
  if (logs.length === 0) return null;
  return (
    <section aria-labelledby="log">
      <h2 id="log">Log</h2>
      <LogLines run={{ ...run, logs }} />
    </section>
  );
}
