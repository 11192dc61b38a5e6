/** @jsxImportSource hono/jsx */
import type { ApiOperation } from "../../api/mod.ts";
import { formatCount } from "../format.ts";
import type { Html } from "../html.ts";
import { WithCode } from "../fragments/with_code.tsx";
import { Layout } from "../layout.tsx";

/** Models whose inputs are told here. */
const MODELS_SHOWN = 20;

/** What programs can ask the server, for people to read. */
export function DocsPage({ operations }: { readonly operations: readonly ApiOperation[] }): Html {
  // An operation with inputs is that of one model.
  const models = operations.filter(({ fields }) => fields.length > 0);
  const left = new Set(models.slice(MODELS_SHOWN));
  const shown = operations.filter((each) => !left.has(each));
  return (
    <Layout title="HTTP API">
      <h1>HTTP API</h1>
      <p class="lead">
        What this server answers to programs. The same as a document for tools:{" "}
        <a href="/openapi.json">openapi.json</a>.
      </p>
      <dl class="operations">
        {shown.map((
          { method, path, summary, description, queries, fields },
          place,
        ) => (
          <div>
            <dt>
              <span class="method">{method.toUpperCase()}</span> <code>{path}</code>
            </dt>
            <dd>
              <WithCode text={summary} />
              {description === "" || description === shown[place - 1]?.description
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
      {left.size === 0 ? "" : (
        <p class="quiet-text">
          {formatCount(left.size, "more model")} can be asked in the same way; see{" "}
          <a href="/openapi.json">openapi.json</a> for their inputs.
        </p>
      )}
    </Layout>
  );
}
