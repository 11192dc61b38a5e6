/** @jsxImportSource hono/jsx */
import type { ModelFacts, Page } from "../../api/mod.ts";
import { EmptyState } from "../fragments/notice.tsx";
import { Pager } from "../fragments/pager.tsx";
import { ModelsTable } from "../fragments/tables.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { modelsPath } from "../paths.ts";

export interface ModelsProps {
  readonly page: Page<ModelFacts>;
  /** How many models there are. */
  readonly count: number;
}

/** Registered models, a page at a time. */
export function ModelsPage({ page, count }: ModelsProps): Html {
  return (
    <Layout title="Models" section="models">
      <h1>Models</h1>
      {page.items.length > 0
        ? <ModelsTable models={page.items} />
        : <NoModels isFirst={count === 0} />}
      <Pager page={page} count={count} label="Pages of the list" address={modelsPath} />
    </Layout>
  );
}

function NoModels({ isFirst }: { readonly isFirst: boolean }): Html {
  if (!isFirst) {
    return (
      <EmptyState title="No more models">
        <p>
          <a href={modelsPath(0)}>Back to the first</a>
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No model yet" command="deno task pipeline run">
      <p>
        A pipeline with a <code>register</code> step puts its model here when the gate says yes.
      </p>
    </EmptyState>
  );
}
