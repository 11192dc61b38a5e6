/** @jsxImportSource hono/jsx */
import type { PropsWithChildren } from "hono/jsx";
import type { Html } from "../html.ts";
import type { JsonNumbers, ModelFacts, RunFacts } from "../../api/mod.ts";
import { formatCount, formatDuration, formatNumber } from "../format.ts";
import { modelPath, runPath, tagPath } from "../paths.ts";
import { AliasBadge, StatusMark } from "./status.tsx";
import { Ago } from "./time.tsx";

/** A table that scrolls sideways by itself on a narrow screen, also with the keyboard. */
export function WideTable(
  { label, isStacked = false, name = "", children }: PropsWithChildren<{
    readonly label: string;
    /** What the style calls it. */
    readonly name?: string;
    /** Whether a narrow screen shows the cells of a row below each other, instead of scrolling. */
    readonly isStacked?: boolean;
  }>,
): Html {
  return (
    <div class="table-frame" role="region" aria-label={`Table: ${label}`} tabindex={0}>
      <table class={isStacked ? "stacked" : name}>{children}</table>
    </div>
  );
}

/** Runs, one a line. */
export function RunsTable(
  { runs, chooseFor, metric }: {
    readonly runs: readonly RunFacts[];
    /** Id of a form that takes the runs somebody chooses. */
    readonly chooseFor?: string;
    /** A metric that has a column of its own. */
    readonly metric?: string;
  },
): Html {
  return (
    <WideTable label="Runs">
      <thead>
        <tr>
          {chooseFor === undefined ? "" : (
            <th scope="col" class="choose">
              <span class="visually-hidden">Choose</span>
            </th>
          )}
          <th scope="col">Run</th>
          <th scope="col" class="tight">Pipeline</th>
          <th scope="col">Status</th>
          {metric === undefined ? "" : <th scope="col" class="number">{metric}</th>}
          <th scope="col" class="roomy">Metrics</th>
          <th scope="col" class="number roomy">Took</th>
          <th scope="col" class="tight">Started</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr>
            {chooseFor === undefined ? "" : (
              <td class="choose">
                <input
                  type="checkbox"
                  form={chooseFor}
                  name="run"
                  value={run.run_id}
                  aria-label={`Choose ${run.run_name}`}
                />
              </td>
            )}
            <th scope="row" class="name">
              <a href={runPath(run.run_id)}>{run.run_name}</a>
              <OwnTags tags={run.own_tags} />
              <span class="only-narrow quiet-text">
                {run.pipeline}, <Ago at={run.started_at} />
              </span>
            </th>
            <td class="tight names">{run.pipeline}</td>
            <td>
              <StatusMark status={run.status} />
            </td>
            {metric === undefined ? "" : (
              <td class="number">
                {run.metrics[metric] === undefined ? "–" : formatNumber(run.metrics[metric])}
              </td>
            )}
            <td class="roomy">
              <FewMetrics metrics={run.metrics} />
            </td>
            <td class="number roomy">
              {run.duration_ms === null ? "–" : formatDuration(run.duration_ms)}
            </td>
            <td class="tight">
              <Ago at={run.started_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}

/** Tags shown of a run in a list. */
const SHOWN_TAGS = 4;

/** Tags that people gave a run; each leads to the runs that have it, too. */
export function OwnTags({ tags }: { readonly tags: RunFacts["own_tags"] }): Html | null {
  const entries = Object.entries(tags);
  if (entries.length === 0) return null;
  return (
    <span class="tags">
      {entries.slice(0, SHOWN_TAGS).map(([key, value]) => (
        <a class="tag" href={tagPath(key, value)}>{key}={value}</a>
      ))}
      {entries.length > SHOWN_TAGS
        ? <span class="quiet-text">and {entries.length - SHOWN_TAGS} more</span>
        : ""}
    </span>
  );
}

/** Models, one a line. */
export function ModelsTable({ models }: { readonly models: readonly ModelFacts[] }): Html {
  return (
    <WideTable label="Models">
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">Aliases</th>
          <th scope="col" class="roomy">Metrics</th>
          <th scope="col" class="number tight">Versions</th>
          <th scope="col" class="tight">Changed</th>
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <tr>
            <th scope="row" class="name narrow">
              <a href={modelPath(model.name)}>{model.name}</a>
              <span class="only-narrow quiet-text">
                {formatCount(model.version_count, "version")}, <Ago at={model.updated_at} />
              </span>
            </th>
            <td>
              <Aliases aliases={model.aliases} />
            </td>
            <td class="roomy">
              <FewMetrics metrics={model.shown?.metrics ?? {}} />
            </td>
            <td class="number tight">{formatNumber(model.version_count)}</td>
            <td class="tight">
              <Ago at={model.updated_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}

/** Aliases with the versions they point at. */
export function Aliases(
  { aliases }: { readonly aliases: Readonly<Record<string, number>> },
): Html {
  const entries = Object.entries(aliases);
  if (entries.length === 0) return <span class="quiet-text">no alias</span>;
  return (
    <span class="badges">
      {entries.map(([alias, version]) => (
        <span>
          <AliasBadge alias={alias} /> <span class="quiet-text">v{version}</span>
        </span>
      ))}
    </span>
  );
}

/** The first metrics, and how many more there are. */
export function FewMetrics({ metrics }: { readonly metrics: JsonNumbers }): Html {
  const all = Object.entries(metrics);
  if (all.length === 0) return <span class="quiet-text">no metrics</span>;
  return (
    <span class="few">
      {all.slice(0, 2).map(([name, value]) => (
        <span>
          <span class="quiet-text">{name}</span> {formatNumber(value)}
        </span>
      ))}
      {all.length > 2
        ? (
          <span class="quiet-text" title={all.map(([name]) => name).join(", ")}>
            and {formatCount(all.length - 2, "other")}
          </span>
        )
        : ""}
    </span>
  );
}

/** A name that may be broken after `_`, `/` and `.`, rather than anywhere. */
export function Name({ children }: { readonly children: string }): Html {
  return (
    <>
      {children.split(/(?<=[_/.])/).map((part, index) => (
        <span>{index === 0 ? "" : <wbr />}{part}</span>
      ))}
    </>
  );
}

/** Names and values. */
export function NameValues(
  { label, entries }: {
    readonly label: string;
    readonly entries: readonly (readonly [string, string | number])[];
  },
): Html {
  return (
    <dl class="name-values" aria-label={label}>
      {entries.map(([name, value]) => (
        <div>
          <dt>
            <Name>{name}</Name>
          </dt>
          <dd class={typeof value === "number" ? "number" : ""}>
            {typeof value === "number" ? formatNumber(value) : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
