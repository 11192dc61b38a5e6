/** @jsxImportSource hono/jsx */
import type { ModelFacts, Page } from "../../api/mod.ts";
import { EmptyState } from "../fragments/notice.tsx";
import { Pager } from "../fragments/pager.tsx";
import { ModelsTable } from "../fragments/tables.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";

/** Registered models, those that changed last first. */
export function ModelsPage({ page }: { readonly page: Page<ModelFacts> }): Html {
  const models = page.items;
  return (
    <Layout title="Models" section="models">
      <h1>Models</h1>
      {models.length > 0
        ? <ModelsTable models={models} />
        : (
          <EmptyState title="No model yet" command="deno task pipeline run">
            <p>
              A pipeline with a <code>register</code>{" "}
              step puts its model here when the gate says yes.
            </p>
          </EmptyState>
        )}
      <Pager page={page} path="/models" label="Pages of the list" />
    </Layout>
  );
}
