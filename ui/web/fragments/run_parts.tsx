/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import { type RunDetail, SHOWN_LOG_LINES, type StepFacts } from "../../api/mod.ts";
import { formatCount, formatDuration, formatNumber, formatSize, formatTime } from "../format.ts";
import type { Html } from "../html.ts";
import { datasetPath, filesPath, previewPath, stepPath } from "../paths.ts";
import { EmptyState } from "./notice.tsx";
import { Pager } from "./pager.tsx";
import { StatusMark, statusOfStep } from "./status.tsx";
import { WideTable } from "./tables.tsx";

/** The steps of a run: how each stands, how long it took, and why it ran or did not. */
export function StepsTable(
  { run: { run_id: runId, steps, node_metrics } }: { readonly run: RunDetail },
): Html {
  return (
    <WideTable label="Steps" isStacked>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">Status</th>
          <th scope="col" class="number">Took</th>
          <th scope="col">Result</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr>
            <th scope="row">
              <a href={stepPath(runId, step.node)}>{step.node}</a>
              {step.step === step.node ? "" : <span class="quiet-text aside">{step.step}</span>}
            </th>
            <td>
              <StatusMark status={statusOfStep(step)} />
              {step.attempt > 1 ? <span class="quiet-text aside">attempt {step.attempt}</span> : ""}
            </td>
            <td class="number">
              {step.duration_ms === null || step.status === "skipped"
                ? "–"
                : formatDuration(step.duration_ms)}
            </td>
            <td class="full">
              {step.error !== null
                ? <StepError error={step.error} />
                : step.status === "running"
                ? progressOf(step.node, node_metrics)
                : step.summary ?? "–"}
            </td>
            <td class="quiet-text full">{step.reason === step.error?.why ? "" : step.reason}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}

/** Metrics of a running step that are told. */
const TOLD_METRICS = 3;

/** How far a running step has come, by what it measured last. */
function progressOf(node: string, metrics: RunDetail["node_metrics"]): string {
  const told = Object.entries(metrics).filter(([key]) => key.startsWith(`${node}/`))
    .slice(-TOLD_METRICS)
    .map(([key, value]) => `${key.slice(node.length + 1)} ${formatNumber(value)}`);
  return told.length === 0 ? "–" : told.join(" · ");
}

/** Why a step failed, and what to do. */
export function StepError({ error }: { readonly error: NonNullable<StepFacts["error"]> }): Html {
  return (
    <div class="step-error">
      <p>
        <strong>{error.what}</strong>
      </p>
      <p class="wrap">{error.why}</p>
      <p>{error.fix}</p>
      <p>
        <code>{error.code}</code>
      </p>
    </div>
  );
}

/** The lines that a run said. */
export function LogLines({ run }: { readonly run: RunDetail }): Html {
  const { logs } = run;
  if (logs.length === 0) return <p class="quiet-text">No step had anything to say.</p>;
  const isCut = logs.length === SHOWN_LOG_LINES;
  return (
    <>
      {isCut
        ? (
          <p class="quiet-text">
            The last {SHOWN_LOG_LINES} lines; all of them with{" "}
            <code>deno task pipeline runs logs {run.run_id.slice(0, 8)}</code>
          </p>
        )
        : ""}
      <p class="quiet-text">Times are UTC.</p>
      <ol class="log" tabindex={0} aria-label="Log">
        {logs.map(({ at, node, level, message }) => (
          <li class={level}>
            <time datetime={at} title={formatTime(at)}>{at.slice(11, 19)}</time>
            <span class="log-node">{node ?? "run"}</span>
            <span class="wrap">
              {level === "info" ? "" : <strong>{`${level}: `}</strong>}
              {message}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

type RunFile = RunDetail["files"]["items"][number];

/** A longer list is folded, by the node that made the files. */
const MOST_UNFOLDED = 12;

/** Files of a run, each with its size; they lead to what they hold. */
export function FileList(
  { runId, files }: { readonly runId: string; readonly files: readonly RunFile[] },
): Html {
  return (
    <ul class="files">
      {files.map(({ path, size }) => (
        <li>
          <a class="wrap" href={previewPath(runId, path)}>{path}</a>{" "}
          <span class="quiet-text number">{formatSize(size)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Files by the first folder of their paths, those in none under the empty name. */
function groupByFolder(files: readonly RunFile[]): readonly [string, readonly RunFile[]][] {
  return [...Map.groupBy(files, ({ path }) => path.slice(0, Math.max(0, path.indexOf("/"))))];
}

/** Files that a run left, and the datasets it read. */
export function RunFiles({ run }: { readonly run: RunDetail }): Html {
  const { run_id, files, datasets, made_datasets } = run;
  if (run.file_count === 0 && datasets.length === 0) {
    return <EmptyState title="This run has left no files." />;
  }
  return (
    <>
      {datasets.length === 0 ? "" : (
        <p>
          <span class="quiet-text">Data it read:</span>{" "}
          {datasets.map(({ name, digest }, index) => (
            <span>
              {index === 0 ? "" : ", "}
              {name} <code>{digest.slice(0, 8)}</code>
            </span>
          ))}
        </p>
      )}
      {made_datasets.length === 0 ? "" : (
        <p class="few">
          <span class="quiet-text">Data it made:</span>
          {made_datasets.map(({ address }) => <a href={datasetPath(run_id, address)}>{address}</a>)}
        </p>
      )}
      {files.items.length <= MOST_UNFOLDED ? <FileList runId={run_id} files={files.items} /> : (
        <>
          {groupByFolder(files.items).map(([folder, group]) =>
            folder === "" ? <FileList runId={run_id} files={group} /> : (
              <details class="folder">
                <summary>
                  {folder}{" "}
                  <span class="quiet-text">
                    {formatCount(group.length, "file")},{" "}
                    {formatSize(group.reduce((sum, { size }) => sum + size, 0))}
                  </span>
                </summary>
                <FileList runId={run_id} files={group} />
              </details>
            )
          )}
        </>
      )}
      <Pager
        page={files}
        count={run.file_count}
        label="Pages of artifacts"
        words={["← Before", "After →"]}
        address={(offset) => filesPath(run_id, offset)}
      />
    </>
  );
}
