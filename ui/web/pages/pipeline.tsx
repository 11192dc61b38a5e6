/** @jsxImportSource hono/jsx */
import { type PropsWithChildren, useContext } from "hono/jsx";
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
    <nav class="choices configs" aria-label="Configs">
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
          sectionsOf(fields).map(({ under, fields }) => (
            <Section under={under}>
              <div class="fields">
                {fields.map((field) => (
                  <Field
                    field={field}
                    name={under === "" ? field.key : field.key.slice(under.length + 1)}
                    text={sent?.get(valueName(field.key)) ?? field.text}
                  />
                ))}
              </div>
            </Section>
          ))
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

/** Values that stand below the same key of the file. */
interface ValueSection {
  /** `models.kcbert.training`; empty at the top. */
  readonly under: string;
  readonly fields: readonly ConfigField[];
}

function sectionsOf(fields: readonly ConfigField[]): readonly ValueSection[] {
  const parentOf = ({ key }: ConfigField): string =>
    key.slice(0, Math.max(0, key.lastIndexOf(".")));
  return [...Map.groupBy(fields, parentOf)]
    .map(([under, fields]) => ({ under, fields }))
    // Those of the top first: below a heading they would seem to belong to it.
    .toSorted((a, b) => Number(a.under !== "") - Number(b.under !== ""));
}

function Section({ under, children }: PropsWithChildren<Pick<ValueSection, "under">>): Html {
  if (under === "") return <div class="values">{children}</div>;
  return (
    <fieldset class="values">
      <legend>{under}</legend>
      {children}
    </fieldset>
  );
}

function Field(
  { field: { key, kind, hint }, name, text }: {
    readonly field: ConfigField;
    /** Its key below that of its section. */
    readonly name: string;
    readonly text: string;
  },
): Html {
  const id = `value-${encodeURIComponent(key)}`;
  const common = { id, name: valueName(key) };
  const described = hint === "" ? {} : { "aria-describedby": `${id}-hint` };
  return (
    <div class="field">
      <label for={id}>{name}</label>
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
