/** @jsxImportSource hono/jsx */
import type { Page, RunFacts, RunFilter } from "../../api/mod.ts";
import { RUN_STATUSES } from "../../run_statuses.ts";
import { EmptyState } from "../fragments/notice.tsx";
import { Pager } from "../fragments/pager.tsx";
import { RunsTable } from "../fragments/tables.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";

export interface RunsProps {
  readonly page: Page<RunFacts>;
  readonly filter: RunFilter;
  /** Names of all pipelines that have run. */
  readonly pipelines: readonly string[];
}

/** Runs, newest first or best first, a page at a time; some can be chosen and compared. */
export function RunsPage({ page, filter, pipelines }: RunsProps): Html {
  const { items, offset } = page;
  const isLive = items.some(({ status }) => status === "running");
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Layout
      title="Runs"
      section="runs"
      {...(isLive ? { refreshFrom: pageAddress(offset, filter) } : {})}
    >
      <div class="title">
        <h1>Runs</h1>
        <a class="button" href="/pipelines">Run a pipeline</a>
      </div>
      {items.length === 0 && offset === 0 && !isFiltered
        ? ""
        : <FilterForm filter={filter} pipelines={pipelines} runs={items} />}
      {items.length > 0
        ? (
          <RunsTable
            runs={items}
            chooseFor="compare"
            {...(filter.sort === undefined ? {} : { metric: filter.sort })}
          />
        )
        : <NoRuns offset={offset} filter={filter} />}
      <div class="below-list">
        {items.length < 2 ? <span></span> : (
          <form id="compare" action="/runs/compare">
            <button type="submit" class="plain">Compare chosen runs</button>
          </form>
        )}
        <Pager
          page={page}
          label="Pages of the list"
          address={(offset) => pageAddress(offset, filter)}
        />
      </div>
    </Layout>
  );
}

function FilterForm(
  { filter, pipelines, runs }: {
    readonly filter: RunFilter;
    readonly pipelines: readonly string[];
    readonly runs: readonly RunFacts[];
  },
): Html {
  const metrics = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))];
  return (
    <form class="filter" action="/runs" aria-label="Filter the runs">
      <Choice
        label="Pipeline"
        name="pipeline"
        none="all"
        value={filter.pipeline}
        options={pipelines}
      />
      <Choice
        label="Status"
        name="status"
        none="any"
        value={filter.status}
        options={RUN_STATUSES}
      />
      <div class="field">
        <label for="tag">Tag</label>
        <input id="tag" name="tag" value={filter.tag ?? ""} placeholder="team=vision" />
      </div>
      <Choice label="Sort by" name="sort" none="newest" value={filter.sort} options={metrics} />
      <div class="actions">
        <button type="submit" class="plain">Show</button>
        {Object.keys(filter).length === 0 ? "" : <a class="reset" href="/runs">Show all</a>}
      </div>
    </form>
  );
}

function Choice(
  { label, name, none, value, options }: {
    readonly label: string;
    readonly name: string;
    /** What the empty choice says. */
    readonly none: string;
    readonly value: string | undefined;
    readonly options: readonly string[];
  },
): Html {
  // What the address asks for is shown, also where the list below does not know it.
  const all = value === undefined || options.includes(value) ? options : [value, ...options];
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        <option value="">{none}</option>
        {all.map((option) => (
          <option value={option} {...(option === value ? { selected: true } : {})}>{option}</option>
        ))}
      </select>
    </div>
  );
}

function NoRuns(
  { offset, filter }: { readonly offset: number; readonly filter: RunFilter },
): Html {
  if (offset > 0) {
    return (
      <EmptyState title="No more runs">
        <p>
          <a href={pageAddress(0, filter)}>Back to the first</a>
        </p>
      </EmptyState>
    );
  }
  if (Object.keys(filter).length > 0) {
    return (
      <EmptyState title="No run is like this">
        <p>
          <a href="/runs">Show all runs</a>
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No run yet" command="deno task pipeline run">
      <p>
        Every run of a pipeline is kept here, with its steps, metrics and log.{" "}
        <a href="/pipelines">Run one here</a>, or in the terminal:
      </p>
    </EmptyState>
  );
}

function pageAddress(offset: number, filter: RunFilter): string {
  const query = new URLSearchParams({
    ...filter,
    ...(offset === 0 ? {} : { offset: String(offset) }),
  });
  return query.size === 0 ? "/runs" : `/runs?${query}`;
}
