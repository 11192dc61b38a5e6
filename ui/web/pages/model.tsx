/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import { raw } from "hono/html";
import type { ModelSignature } from "../../../pipeline/mod.ts";
import type { ServedAlias } from "../../../runtime/serving/mod.ts";
import type { ErrorAnswer, ModelDetail, VersionFacts } from "../../api/mod.ts";
import { DecideForm } from "../fragments/decide_form.tsx";
import { DriftPart, type DriftView } from "../fragments/drift_parts.tsx";
import { History, SignatureTable, VersionsTable } from "../fragments/model_parts.tsx";
import { Copyable, EmptyState, ErrorNotice } from "../fragments/notice.tsx";
import { Pager } from "../fragments/pager.tsx";
import { TrafficPart, type TrafficView } from "../fragments/traffic_parts.tsx";
import { AliasBadge } from "../fragments/status.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { shellQuote } from "../../shell_quote.ts";
import { besidePath, decidePath, olderPath, tryPath } from "../paths.ts";

/** What stands in the files of the version that a page shows. */
export type VersionFiles =
  | {
    readonly kind: "read";
    readonly signature: ModelSignature;
    /** The model card, as safe HTML; `null` when it has none. */
    readonly card: string | null;
    /** Texts to copy that ask the model: over HTTP, and where the store is. */
    readonly code: {
      readonly curl: string;
      readonly javaScript: string;
      readonly python: string;
      readonly typeScript: string;
    };
  }
  | { readonly kind: "failed"; readonly error: ErrorAnswer["error"] };

export interface ModelProps {
  readonly model: ModelDetail;
  /** Versions that forms offer, newest first. */
  readonly offered: readonly VersionFacts[];
  readonly files: VersionFiles | null;
  readonly serving: readonly ServedAlias[];
  readonly traffic?: TrafficView;
  readonly drift?: DriftView | undefined;
  /** What was decided a moment ago. */
  readonly done?: string | undefined;
  /** The version that somebody came to decide about. */
  readonly deciding?: number | undefined;
}

/** One model: versions, aliases, history, and how to use it. */
export function ModelPage(
  { model, offered, files, serving, traffic, drift, done, deciding }: ModelProps,
): Html {
  const { name, shown, versions, history } = model;
  return (
    <Layout title={name} section="models">
      <div class="title">
        <h1>{name}</h1>
        {shown === null ? "" : (
          <p class="facts">
            <span class="badges">
              {shown.aliases.map((alias) => <AliasBadge alias={alias} />)}
            </span>{" "}
            version {shown.version}
          </p>
        )}
        {model.aliases.champion === undefined
          ? ""
          : <a class="button" href={tryPath(name)}>Try it</a>}
      </div>
      {model.description === "" ? "" : <p class="lead wrap">{model.description}</p>}
      {serving.filter(({ problem }) => problem !== null).map((
        { alias, wanted, serving, problem },
      ) => (
        <div class="notice warn" role="status">
          <p class="notice-title">Version {wanted}, which {alias} points at, cannot be loaded</p>
          <p class="wrap">{problem}</p>
          <p>
            {serving === null
              ? `Nothing answers for ${alias} until it moves to a version that loads.`
              : `Version ${serving} answers on for ${alias}.`}
          </p>
        </div>
      ))}
      {done === undefined ? <Waiting model={model} offered={offered} /> : ""}
      {done === undefined ? "" : (
        <div class="notice good" role="status" tabindex={-1} autofocus>
          <p class="notice-title">{done}</p>
          <p>The server follows within a second.</p>
        </div>
      )}
      <section aria-labelledby="versions">
        <h2 id="versions">Versions</h2>
        {model.version_count === 0 ? <EmptyState title="This model has no version." /> : (
          <>
            {versions.items.length === 0
              ? <p class="quiet-text">There are no older versions.</p>
              : <VersionsTable versions={versions.items} />}
            <Pager
              page={versions}
              count={model.version_count}
              label="Pages of versions"
              address={(offset) =>
                `${olderPath(name, { versions: offset, history: history.offset })}#versions`}
            />
            <details class="decisions" id="decide" open={deciding !== undefined}>
              <summary>Decide about a version</summary>
              <DecideForm model={model} offered={offered} first={deciding} />
            </details>
          </>
        )}
      </section>
      {traffic === undefined
        ? ""
        : <TrafficPart model={model} offered={offered} traffic={traffic} />}
      {drift === undefined
        ? ""
        : <DriftPart drift={drift} signature={files?.kind === "read" ? files.signature : null} />}
      {files === null ? "" : <FilesPart files={files} />}
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        {model.change_count === 0
          ? <p class="quiet-text">Nothing has happened to this model yet.</p>
          : history.items.length === 0
          ? <p class="quiet-text">Nothing happened earlier.</p>
          : <History history={history.items} />}
        <Pager
          page={history}
          count={model.change_count}
          label="Pages of the history"
          address={(offset) =>
            `${olderPath(name, { versions: versions.offset, history: offset })}#history`}
        />
      </section>
    </Layout>
  );
}

/** The version that somebody should say yes or no to, and why. */
function Waiting({ model, offered }: Pick<ModelProps, "model" | "offered">): Html | null {
  const { name, shown, aliases: { champion, candidate } } = model;
  if (champion === undefined && shown !== null) {
    const version = candidate ?? shown.version;
    return (
      <div class="notice warn" role="status">
        <p class="notice-title">No champion yet: nothing answers for {name}</p>
        <p>
          <a href={tryPath(`${name}/${version}`)}>Try version {version}</a>, then{" "}
          <a href={decidePath(name, version)}>approve it</a> to let it answer; or in the terminal:
        </p>
        <Copyable
          text={`deno task pipeline models approve ${shellQuote(`${name}/${version}`)}`}
          label="Copy the command"
        />
      </div>
    );
  }
  const isOpen = offered.some(({ version, state }) =>
    version === candidate && state === "registered"
  );
  if (candidate === undefined || !isOpen) return null;
  return (
    <div class="notice" role="status">
      <p class="notice-title">Version {candidate} waits for a decision</p>
      <p>
        It passed its gate; version {champion} answers until somebody approves it.{" "}
        <a href={besidePath(name, candidate)}>Try both side by side</a>, then{" "}
        <a href={decidePath(name, candidate)}>decide about it</a>.
      </p>
    </div>
  );
}

function FilesPart({ files }: { readonly files: VersionFiles }): Html {
  if (files.kind === "failed") return <ErrorNotice error={files.error} />;
  const { signature, card, code } = files;
  return (
    <>
      <div class="columns">
        <section aria-labelledby="use">
          <h2 id="use">Use it</h2>
          <h3>Over HTTP</h3>
          <Copyable text={code.curl} label="Copy the command" />
          <details class="code">
            <summary>From JavaScript</summary>
            <Copyable text={code.javaScript} label="Copy the JavaScript" />
          </details>
          <details class="code">
            <summary>From Python</summary>
            <Copyable text={code.python} label="Copy the Python" />
          </details>
          <h3>In TypeScript, where the store is</h3>
          <Copyable text={code.typeScript} label="Copy the TypeScript" />
        </section>
        <section aria-labelledby="signature">
          <h2 id="signature">Signature</h2>
          <SignatureTable signature={signature} />
        </section>
      </div>
      {card === null ? "" : (
        <section aria-labelledby="card">
          <h2 id="card">Model card</h2>
          <div class="card" tabindex={0} role="region" aria-labelledby="card">{raw(card)}</div>
        </section>
      )}
    </>
  );
}
