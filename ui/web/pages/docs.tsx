/** @jsxImportSource hono/jsx */
import type { ApiOperation } from "../../api/mod.ts";
import type { Html } from "../html.ts";
import { WithCode } from "../fragments/with_code.tsx";
import { Layout } from "../layout.tsx";

/** What programs can ask the server, for people to read. */
export function DocsPage({ operations }: { readonly operations: readonly ApiOperation[] }): Html {
  return (
    <Layout title="HTTP API">
      <h1>HTTP API</h1>
      <p class="lead">
        What this server answers to programs. The same as a document for tools:{" "}
        <a href="/openapi.json">openapi.json</a>.
      </p>
      <dl class="operations">
        {operations.map(({ method, path, summary, description, queries, fields }, place) => (
          <div>
            <dt>
              <span class="method">{method.toUpperCase()}</span> <code>{path}</code>
            </dt>
            <dd>
              <WithCode text={summary} />
              {description === "" || description === operations[place - 1]?.description
                ? ""
                : (
                  <p class="quiet-text">
                    <WithCode text={description} />
                  </p>
                )}
              {queries.map(({ name, description }) => (
                <p class="quiet-text">
                  <code>?{name}=</code> <WithCode text={description} />
                </p>
              ))}
              {fields.length === 0 ? "" : (
                <p class="quiet-text">
                  Inputs: {fields.slice(0, 20).map((field, index) => (
                    <span>
                      {index === 0 ? "" : ", "}
                      <code>{field}</code>
                    </span>
                  ))}
                  {fields.length > 20 ? ` and ${fields.length - 20} more` : ""}
                </p>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Layout>
  );
}
