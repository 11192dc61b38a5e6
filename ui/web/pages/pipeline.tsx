/** @jsxImportSource hono/jsx */
import { useContext } from "hono/jsx";
import type { ConfigField, ErrorAnswer, PipelineDetail } from "../../api/mod.ts";
import { Copyable, ErrorNotice } from "../fragments/notice.tsx";
import { StatusMark } from "../fragments/status.tsx";
import { Ago } from "../fragments/time.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { pipelinePath, runPath } from "../paths.ts";
import { ReaderContext, readerMay } from "../reader.ts";

export interface PipelineProps {
  readonly pipeline: PipelineDetail;
  /** Whose values are shown; `null` for a pipeline without YAML files. */
  readonly config: string | null;
  /** What somebody sent that could not be run. */
  readonly sent?: URLSearchParams | undefined;
  /** Why it could not. */
  readonly error?: ErrorAnswer["error"] | undefined;
}

/** Name of the field of a value, in the form and in what it sends. */
export function valueName(key: string): string {
  return `v.${key}`;
}

/** A pipeline and its values, to be changed and run. */
export function PipelinePage({ pipeline, config, sent, error }: PipelineProps): Html {
  const { name, path, last_run } = pipeline;
  return (
    <Layout title={`Run ${name}`} section="runs">
      <div class="title">
        <h1>Run {name}</h1>
      </div>
      <p class="facts">
        <code>{path}</code>
        {last_run === null ? ", never run into this store" : (
          <>
            , last run <StatusMark status={last_run.status} />{" "}
            <a href={runPath(last_run.run_id)}>{last_run.run_name}</a>{" "}
            <Ago at={last_run.started_at} />
          </>
        )}
      </p>
      {error === undefined ? "" : <ErrorNotice error={error} />}
      <Configs pipeline={pipeline} config={config} />
      <StartForm pipeline={pipeline} config={config} sent={sent} />
    </Layout>
  );
}

/** The other YAML files; each has values of its own. */
function Configs(
  { pipeline: { name, configs, default_config }, config }: Pick<
    PipelineProps,
    "pipeline" | "config"
  >,
): Html | null {
  if (configs.length < 2) return null;
  return (
    <nav class="configs" aria-label="Configs">
      {configs.map((each) => (
        <a href={pipelinePath(name, each)} aria-current={each === config ? "true" : undefined}>
          {each}
          {each === default_config ? <span class="quiet-text">(default)</span> : ""}
        </a>
      ))}
    </nav>
  );
}

function StartForm({ pipeline, config, sent }: PipelineProps): Html {
  const { name, values } = pipeline;
  const fields = config === null ? [] : values[config] ?? [];
  const mayRun = readerMay(useContext(ReaderContext), "editor");
  return (
    <form method="post" action={`/pipelines/${encodeURIComponent(name)}/run`} class="start">
      {config === null ? "" : <input type="hidden" name="config" value={config} />}
      {fields.length === 0
        ? <p class="quiet-text">No values of its own to change here: its defaults count.</p>
        : (
          <div class="fields">
            {fields.map((field, index) => (
              <Field
                field={field}
                id={`value-${index}`}
                text={sent?.get(valueName(field.key)) ?? field.text}
              />
            ))}
          </div>
        )}
      <div class="field more-values">
        <label for="set">More values</label>
        <textarea id="set" name="set" rows={2} spellcheck={false} aria-describedby="set-hint">
          {sent?.get("set") ?? ""}
        </textarea>
        <p id="set-hint" class="hint">
          Those that the file does not name, as with <code>--set</code>:{" "}
          <code>key=value</code>, one a line
        </p>
      </div>
      {mayRun
        ? (
          <div class="actions">
            <button type="submit">Run</button>
            <label class="beside-button">
              <input type="checkbox" name="fresh" checked={sent?.get("fresh") === "on"} />{" "}
              without the cache
            </label>
          </div>
        )
        : <p class="quiet-text">Running it needs a token of an editor.</p>}
      <details>
        <summary>In the terminal</summary>
        <Copyable
          text={`deno task pipeline run ${name}${
            config === null || config === pipeline.default_config ? "" : ` --config ${config}`
          }`}
          label="Copy the command"
        />
      </details>
    </form>
  );
}

function Field(
  { field: { key, kind, hint }, id, text }: {
    readonly field: ConfigField;
    readonly id: string;
    readonly text: string;
  },
): Html {
  const common = { id, name: valueName(key) };
  const described = hint === "" ? {} : { "aria-describedby": `${id}-hint` };
  return (
    <div class="field">
      <label for={id}>{key}</label>
      {kind === "boolean"
        ? (
          <select {...common} {...described}>
            {["true", "false"].map((each) => (
              <option value={each} selected={each === text}>{each}</option>
            ))}
          </select>
        )
        : (
          <input
            {...common}
            {...described}
            type="text"
            value={text}
            autocomplete="off"
            spellcheck={false}
            {...(kind === "number" ? { inputmode: "decimal" } : {})}
          />
        )}
      {hint === "" ? "" : <p id={`${id}-hint`} class="hint">{hint}</p>}
    </div>
  );
}
