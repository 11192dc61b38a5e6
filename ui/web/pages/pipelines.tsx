/** @jsxImportSource hono/jsx */
import type { PipelineFacts } from "../../api/mod.ts";
import { EmptyState } from "../fragments/notice.tsx";
import { StatusMark } from "../fragments/status.tsx";
import { WideTable } from "../fragments/tables.tsx";
import { Ago } from "../fragments/time.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { pipelinePath, runPath } from "../paths.ts";

/** What the project around the server can run. */
export function PipelinesPage(
  { pipelines }: { readonly pipelines: readonly PipelineFacts[] },
): Html {
  return (
    <Layout title="Run a pipeline" section="runs">
      <div class="title">
        <h1>Run a pipeline</h1>
      </div>
      <p class="lead">
        The pipelines of the project that this server was started in. What did not change since a
        run before comes from the cache.
      </p>
      {pipelines.length === 0 ? <NoPipelines /> : <PipelinesTable pipelines={pipelines} />}
    </Layout>
  );
}

function PipelinesTable({ pipelines }: { readonly pipelines: readonly PipelineFacts[] }): Html {
  return (
    <WideTable label="Pipelines" isStacked>
      <thead>
        <tr>
          <th scope="col">Pipeline</th>
          <th scope="col">Last run</th>
          <th scope="col">Configs</th>
          <th scope="col">Where</th>
        </tr>
      </thead>
      <tbody>
        {pipelines.map(({ name, path, configs, default_config, last_run }) => (
          <tr>
            <th scope="row">
              <a href={pipelinePath(name)}>{name}</a>
            </th>
            <td class="full">
              {last_run === null ? <span class="quiet-text">never, into this store</span> : (
                <>
                  <StatusMark status={last_run.status} />{" "}
                  <a href={runPath(last_run.run_id)}>{last_run.run_name}</a>,{" "}
                  <Ago at={last_run.started_at} />
                </>
              )}
            </td>
            <td class="full">
              {configs.length === 0
                ? <span class="quiet-text">no YAML file</span>
                : (
                  <span class="few">
                    {configs.map((config) => (
                      <a href={pipelinePath(name, config)}>
                        {config}
                        {config === default_config && configs.length > 1 ? " (default)" : ""}
                      </a>
                    ))}
                  </span>
                )}
            </td>
            <td class="full quiet-text">
              <code>{path}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}

function NoPipelines(): Html {
  return (
    <EmptyState title="No pipeline here" command="deno task pipeline init">
      <p>
        The folder that the server was started in has no <code>pipeline.ts</code> and no{" "}
        <code>configs/name/pipeline.ts</code>.
      </p>
    </EmptyState>
  );
}
