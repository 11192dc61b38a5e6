/** @jsxImportSource hono/jsx */
import type { Page, RunFacts } from "../../api/mod.ts";
import { EmptyState } from "../fragments/notice.tsx";
import { RunsTable } from "../fragments/tables.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";

export interface RunsProps {
  readonly page: Page<RunFacts>;
  /** Only runs of this pipeline are shown. */
  readonly pipeline: string | undefined;
}

/** All runs, newest first, a page at a time. */
export function RunsPage({ page, pipeline }: RunsProps): Html {
  const { items, offset, limit, has_more } = page;
  const isLive = items.some(({ status }) => status === "running");
  return (
    <Layout
      title="Runs"
      section="runs"
      {...(isLive ? { refreshFrom: pageAddress(offset, pipeline) } : {})}
    >
      <div class="title">
        <h1>Runs</h1>
        {pipeline === undefined ? "" : (
          <p class="facts">
            of pipeline <strong>{pipeline}</strong> · <a href="/runs">show all</a>
          </p>
        )}
      </div>
      {items.length > 0 ? <RunsTable runs={items} /> : offset > 0
        ? (
          <EmptyState title="No more runs">
            <p>
              <a href={pageAddress(0, pipeline)}>Back to the newest</a>
            </p>
          </EmptyState>
        )
        : (
          <EmptyState title="No run yet" command="deno task pipeline run">
            <p>Every run of a pipeline is kept here, with its steps, metrics and log.</p>
          </EmptyState>
        )}
      <nav class="pager" aria-label="Pages of the list">
        {offset > 0
          ? <a rel="prev" href={pageAddress(Math.max(0, offset - limit), pipeline)}>← Newer</a>
          : <span></span>}
        {has_more
          ? <a rel="next" href={pageAddress(offset + limit, pipeline)}>Older →</a>
          : <span></span>}
      </nav>
    </Layout>
  );
}

function pageAddress(offset: number, pipeline: string | undefined): string {
  const query = new URLSearchParams({
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(offset === 0 ? {} : { offset: String(offset) }),
  });
  return query.size === 0 ? "/runs" : `/runs?${query}`;
}
