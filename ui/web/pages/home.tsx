/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { ModelSignature } from "../../../pipeline/mod.ts";
import type { ErrorAnswer, ModelFacts, RunFacts } from "../../api/mod.ts";
import { AnswerPanel, type AnswerView } from "../fragments/answer.tsx";
import { type FormRow, InputForm } from "../fragments/input_form.tsx";
import { Copyable, EmptyState, ErrorNotice } from "../fragments/notice.tsx";
import { AliasBadge } from "../fragments/status.tsx";
import { ModelsTable, RunsTable } from "../fragments/tables.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { modelPath, tryPath } from "../paths.ts";

/** The model of the form, or why there is none. */
export type TryIt =
  | {
    readonly kind: "ready";
    readonly target: string;
    readonly name: string;
    readonly version: number;
    readonly alias: string | null;
    readonly description: string;
    readonly signature: ModelSignature;
    readonly row: FormRow;
    /** Rows that came with the model. */
    readonly examples: readonly FormRow[];
    readonly result: Result | null;
    readonly beside: Beside;
    /** A command that asks the same over HTTP. */
    readonly request: string;
    /** Why a newer version does not answer. */
    readonly problem: string | null;
  }
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly error: ErrorAnswer["error"] };

/** Another version beside the one that is tried. */
export interface Beside {
  /** Those that can be chosen, newest first. */
  readonly versions: readonly number[];
  /** The chosen one. */
  readonly version: number | null;
  readonly result: Result | null;
}

/** What came of a prediction. */
export type Result =
  | { readonly ok: true; readonly view: AnswerView }
  | { readonly ok: false; readonly error: ErrorAnswer["error"] };

export interface HomeProps {
  readonly tryIt: TryIt;
  readonly models: readonly ModelFacts[];
  readonly runs: readonly RunFacts[];
}

/** The first page: a model to try, and what happened lately. */
export function HomePage({ tryIt, models, runs }: HomeProps): Html {
  const hasGrid = tryIt.kind === "ready" && tryIt.signature.form?.kind === "grid";
  return (
    <Layout
      title="Hanok"
      section="predict"
      scripts={["history.js", hasGrid ? "drawing.js" : "text_box.js"]}
    >
      {tryIt.kind === "ready" ? <TryItPart {...tryIt} models={models} /> : (
        <>
          <h1>Predict</h1>
          {tryIt.kind === "failed"
            ? (
              <>
                <ErrorNotice error={tryIt.error} isCalm />
                <OtherModels models={models} />
              </>
            )
            : (
              <EmptyState title="No model yet" command="deno task pipeline run">
                {runs.length === 0
                  ? (
                    <p>
                      Run a pipeline: it trains a model, judges it, and registers it when it is good
                      enough. The champion then answers here, and at <code>POST /predict</code>.
                      {" "}
                      <a href="/pipelines">Run one here</a>, or in the terminal:
                    </p>
                  )
                  : (
                    <p>
                      No run has registered one so far. Look at the <a href="/runs">runs</a>{" "}
                      to see why, or <a href="/pipelines">run a pipeline</a> that does:
                    </p>
                  )}
              </EmptyState>
            )}
        </>
      )}
      <div class="columns compact">
        {runs.length === 0 ? "" : (
          <section aria-labelledby="newest-runs">
            <h2 id="newest-runs">Newest runs</h2>
            <RunsTable runs={runs} />
            <p class="more">
              <a href="/runs">All runs</a>
            </p>
          </section>
        )}
        {models.length === 0 ? "" : (
          <section aria-labelledby="models">
            <h2 id="models">Models</h2>
            <ModelsTable models={models} />
            <p class="more">
              <a href="/models">All models</a>
            </p>
          </section>
        )}
      </div>
    </Layout>
  );
}

/** Models that answer, to choose another one. */
function OtherModels({ models }: { readonly models: readonly ModelFacts[] }): Html | null {
  const answering = models.filter(({ aliases }) => aliases.champion !== undefined);
  if (answering.length === 0) return null;
  return (
    <nav class="choices others" aria-label="Other models">
      {answering.map(({ name }) => <a href={tryPath(name)}>{name}</a>)}
    </nav>
  );
}

function TryItPart(
  props: Extract<TryIt, { kind: "ready" }> & { readonly models: readonly ModelFacts[] },
): Html {
  const { target, name, version, alias, description, signature, row, result, request, problem } =
    props;
  const { beside } = props;
  const action = beside.version === null
    ? tryPath(target)
    : `${tryPath(target)}&beside=${encodeURIComponent(`${name}/${beside.version}`)}`;
  return (
    <>
      <div class="title">
        <h1>
          <a href={modelPath(name)}>{name}</a>
        </h1>
        <p class="facts">
          {alias === null ? "" : <AliasBadge alias={alias} />} version {version}
        </p>
        <OtherModels models={props.models.filter((model) => model.name !== name)} />
      </div>
      {description === "" ? "" : <p class="lead">{description}</p>}
      {problem === null ? "" : (
        <div class="notice warn" role="status">
          <p class="notice-title">A newer version does not answer yet</p>
          <p class="wrap">{problem}</p>
          <p>Version {version} answers on until the alias moves to a version that loads.</p>
        </div>
      )}
      <section class="try-it" aria-label={`Try ${name}`}>
        <InputForm
          action={action}
          signature={signature}
          row={row}
          examples={props.examples}
        />
        <div id="answer" aria-live="polite">
          {result === null
            ? ""
            : <ResultPart result={result} request={request} beside={beside.result} />}
        </div>
      </section>
      <section class="past" aria-labelledby="past" hidden>
        <h2 id="past">Asked before</h2>
        <ol data-history></ol>
      </section>
      {beside.versions.length < 2 ? "" : (
        <form method="get" action="/" class="beside">
          <input type="hidden" name="model" value={target} />
          <label for="beside">Beside version {version}</label>
          <select id="beside" name="beside">
            <option value="">none</option>
            {beside.versions.filter((each) => each !== version).map((each) => (
              <option value={`${name}/${each}`} selected={each === beside.version}>
                version {each}
              </option>
            ))}
          </select>
          <button type="submit" class="plain">Compare</button>
        </form>
      )}
    </>
  );
}

function OneResult({ result }: { readonly result: Result }): Html {
  return result.ok ? <AnswerPanel {...result.view} /> : <ErrorNotice error={result.error} />;
}

/** What stands beside the form; it is also what a prediction without a new page brings. */
export function ResultPart(
  { result, request, beside = null }: {
    readonly result: Result;
    readonly request: string;
    /** What another version says of the same. */
    readonly beside?: Result | null;
  },
): Html {
  return (
    <>
      <div class={beside === null ? "" : "side-by-side"}>
        <OneResult result={result} />
        {beside === null ? "" : <OneResult result={beside} />}
      </div>
      <details>
        <summary>Ask the same from a program</summary>
        <Copyable text={request} label="Copy the command" />
      </details>
    </>
  );
}
