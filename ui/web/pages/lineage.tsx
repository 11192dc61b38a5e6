/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { LineageArtifact, LineageFacts, LineageStep } from "../../api/mod.ts";
import { EmptyState } from "../fragments/notice.tsx";
import { Name, NameValues } from "../fragments/tables.tsx";
import { formatCount } from "../format.ts";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { lineagePath, modelPath, runPath } from "../paths.ts";

/** Where a model version or an artifact came from, the first step first. */
export function LineagePage({ subject, steps }: LineageFacts): Html {
  const [, model] = /^(.+)\/\d+$/.exec(subject) ?? [];
  return (
    <Layout title={`Lineage of ${subject}`} section="models">
      <div class="title">
        <h1>Lineage of {/^[0-9a-f]{64}$/.test(subject) ? subject.slice(0, 8) : subject}</h1>
      </div>
      <p class="lead">
        Every step that led here, from the bytes of the data on. The same is in the terminal with
        {" "}
        <code>deno task pipeline lineage</code>.
        {model === undefined ? "" : (
          <>
            {" "}
            <a href={modelPath(model)}>To the model</a>
          </>
        )}
      </p>
      {steps.length === 0
        ? (
          <EmptyState title="No step of this store made it">
            <p>It was imported, or the run that made it has been deleted.</p>
          </EmptyState>
        )
        : <ol class="lineage">{steps.map((step) => <Step step={step} />)}</ol>}
    </Layout>
  );
}

function Step({ step }: { readonly step: LineageStep }): Html {
  const params = flatParams(step.params);
  const reads = Object.entries(step.reads);
  return (
    <li>
      <p class="lineage-title">
        <strong>{step.node}</strong>
        <span class="quiet-text aside">{step.summary ?? ""}</span>
      </p>
      <p class="quiet-text">
        step {step.step}, in run <a href={runPath(step.run_id)}>{step.run_name}</a>
        {step.modules === 0 ? "" : `, ${formatCount(step.modules, "module")} of code`}
      </p>
      {reads.length === 0 ? "" : (
        <p>
          read {reads.map(([name, hash]) => (
            <span>
              <Name>{name}</Name> <code>{hash.slice(0, 8)}</code>
            </span>
          ))}
        </p>
      )}
      <Artifacts verb="used" artifacts={step.consumed} />
      <Artifacts verb="made" artifacts={step.produced} />
      {params.length === 0 ? "" : (
        <details>
          <summary>{formatCount(params.length, "param")}</summary>
          <NameValues label={`Params of ${step.node}`} entries={params} />
        </details>
      )}
    </li>
  );
}

function Artifacts(
  { verb, artifacts }: { readonly verb: string; readonly artifacts: readonly LineageArtifact[] },
): Html | null {
  if (artifacts.length === 0) return null;
  return (
    <p>
      {verb} {artifacts.map(({ hash, kind, slot }, index) => (
        <span>
          {index === 0 ? "" : ", "}
          {slot}
          {kind === null || kind === slot ? "" : ` (${kind})`}{" "}
          <a href={lineagePath(hash)}>
            <code>{hash.slice(0, 8)}</code>
          </a>
        </span>
      ))}
    </p>
  );
}

/** Params by path, as YAML would nest them; what is empty says nothing and is left out. */
export function flatParams(value: unknown, path = ""): (readonly [string, string | number])[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    return [[path, value.map((each) => textOf(each)).join(", ")]];
  }
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([name, each]) =>
      flatParams(each, path === "" ? name : `${path}.${name}`)
    );
  }
  return [[path, typeof value === "number" ? value : String(value)]];
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
