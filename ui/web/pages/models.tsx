/** @jsxImportSource hono/jsx */
import type { ModelFacts } from "../../api/mod.ts";
import { EmptyState } from "../fragments/notice.tsx";
import { ModelsTable } from "../fragments/tables.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";

/** All registered models. */
export function ModelsPage({ models }: { readonly models: readonly ModelFacts[] }): Html {
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
    </Layout>
  );
}
