/** @jsxImportSource hono/jsx */
import type { ModelSignature, SignatureInput } from "../../../pipeline/mod.ts";
import type { HistoryFacts, VersionFacts } from "../../api/mod.ts";
import { formatCount, formatNumber } from "../format.ts";
import type { Html } from "../html.ts";
import { runPath, tryPath } from "../paths.ts";
import { AliasBadge, StateMark } from "./status.tsx";
import { FewMetrics, WideTable } from "./tables.tsx";
import { Ago } from "./time.tsx";

/** The versions of a model, newest first. */
export function VersionsTable({ versions }: { readonly versions: readonly VersionFacts[] }): Html {
  return (
    <WideTable label="Versions">
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Aliases</th>
          <th scope="col">State</th>
          <th scope="col">Metrics</th>
          <th scope="col">Made</th>
          <th scope="col">Run</th>
          <th scope="col">
            <span class="visually-hidden">Try</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => (
          <tr key={String(version.version)}>
            <th scope="row">{version.version}</th>
            <td>
              <span class="badges">
                {version.aliases.length === 0
                  ? <span class="quiet-text">none</span>
                  : version.aliases.map((alias) => <AliasBadge key={alias} alias={alias} />)}
              </span>
            </td>
            <td>
              <StateMark state={version.state} />
            </td>
            <td>
              <FewMetrics metrics={version.metrics} />
            </td>
            <td>
              <Ago at={version.created_at} />
              {version.user === null ? "" : <span class="quiet-text">by {version.user}</span>}
            </td>
            <td>
              {version.run_id === null
                ? <span class="quiet-text">imported</span>
                : <a href={runPath(version.run_id)}>{version.run_id.slice(0, 8)}</a>}
            </td>
            <td>
              <a
                href={tryPath(`${version.model}/${version.version}`)}
                aria-label={`Try version ${version.version}`}
              >
                try
              </a>
            </td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}

/** What happened to a model, newest first. */
export function History({ history }: { readonly history: readonly HistoryFacts[] }): Html {
  return (
    <ol class="history">
      {history.map((change, index) => (
        <li key={String(index)}>
          <span class="wrap">{sentence(change)}</span>
          <span class="quiet-text">
            <Ago at={change.at} /> by {change.user}
            {change.why === "" ? "" : `: ${change.why}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

function sentence({ alias, version, from, to }: HistoryFacts): Html {
  if (alias === null) {
    const what = `Version ${version}`;
    return from === null ? <>{what} was {to}</> : <>{what} went from {from} to {to}</>;
  }
  if (to === null) {
    return (
      <>
        <AliasBadge alias={alias} /> was taken from version {from}
      </>
    );
  }
  return from === null
    ? (
      <>
        <AliasBadge alias={alias} /> was given to version {to}
      </>
    )
    : (
      <>
        <AliasBadge alias={alias} /> moved from version {from} to version {to}
      </>
    );
}

/** Inputs that are alike and follow each other are told once: 64 pixels are one line. */
export function SignatureTable({ signature }: { readonly signature: ModelSignature }): Html {
  return (
    <>
      <WideTable label="Inputs of the model">
        <thead>
          <tr>
            <th scope="col">Input</th>
            <th scope="col">Type</th>
            <th scope="col">Values in training</th>
            <th scope="col">May be missing</th>
          </tr>
        </thead>
        <tbody>
          {groupAlike(signature.inputs).map(({ first, last, count }) => (
            <tr key={first.name}>
              <th scope="row">
                {count === 1 ? first.name : (
                  <>
                    {first.name} … {last.name}{" "}
                    <span class="quiet-text">{formatCount(count, "input")}</span>
                  </>
                )}
              </th>
              <td>
                {first.type === "integer"
                  ? "whole number"
                  : first.type === "string"
                  ? "text"
                  : first.type}
              </td>
              <td class="wrap">{valuesOf(first, count)}</td>
              <td>{first.nullable ? "yes" : "no"}</td>
            </tr>
          ))}
        </tbody>
      </WideTable>
      <p>
        Answers with one of {formatCount(signature.labels.length, "label")}:{" "}
        {signature.labels.slice(0, 20).join(", ")}
        {signature.labels.length > 20 ? " …" : ""}
      </p>
    </>
  );
}

/** Inputs of one type and kind side by side. */
interface InputGroup {
  readonly first: SignatureInput;
  last: SignatureInput;
  count: number;
}

/** Shorter lists are told input by input. */
const MANY_INPUTS = 20;

/** Neighbours of the same type, when there are so many inputs that nobody would read them all. */
export function groupAlike(inputs: readonly SignatureInput[]): readonly InputGroup[] {
  const groups: InputGroup[] = [];
  for (const input of inputs) {
    const last = groups.at(-1);
    const isAlike = inputs.length > MANY_INPUTS && last !== undefined &&
      last.first.type === input.type && last.first.nullable === input.nullable &&
      last.first.categories === undefined && input.categories === undefined;
    if (isAlike) {
      last.last = input;
      last.count++;
    } else groups.push({ first: input, last: input, count: 1 });
  }
  return groups;
}

function valuesOf({ range, categories }: SignatureInput, count: number): string {
  if (count > 1) return "numbers";
  if (range !== undefined) return `${formatNumber(range[0])} to ${formatNumber(range[1])}`;
  if (categories === undefined) return "any";
  return categories.slice(0, 8).map((category) => category === "" ? "(missing)" : category)
    .join(", ") + (categories.length > 8 ? ` and ${categories.length - 8} more` : "");
}
