/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { ModelSignature, SignatureInput } from "../../../pipeline/mod.ts";
import type { HistoryFacts, VersionFacts } from "../../api/mod.ts";
import { formatCount, formatNumber } from "../format.ts";
import type { Html } from "../html.ts";
import { lineagePath, runPath, tryPath } from "../paths.ts";
import { AliasBadge, StateMark } from "./status.tsx";
import { FewMetrics, WideTable } from "./tables.tsx";
import { Ago } from "./time.tsx";

/** The versions of a model, newest first. */
export function VersionsTable({ versions }: { readonly versions: readonly VersionFacts[] }): Html {
  return (
    <WideTable label="Versions" isStacked>
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Aliases</th>
          <th scope="col">State</th>
          <th scope="col">Metrics</th>
          <th scope="col">Made</th>
          <th scope="col">From</th>
          <th scope="col">
            <span class="visually-hidden">Use</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {versions.map((version) => (
          <tr>
            <th scope="row">
              <span class="narrow-word">Version</span> {version.version}
            </th>
            <td class={version.aliases.length === 0 ? "full-first roomy" : "full-first"}>
              <span class="badges">
                {version.aliases.length === 0
                  ? <span class="quiet-text">no alias</span>
                  : version.aliases.map((alias) => <AliasBadge alias={alias} />)}
              </span>
            </td>
            <td class="last">
              <StateMark state={version.state} />
            </td>
            <td class="full">
              <FewMetrics metrics={version.metrics} />
            </td>
            <td class="full">
              <Ago at={version.created_at} />
              {version.user === null ? "" : <span class="quiet-text aside">by {version.user}</span>}
            </td>
            <td class="rest">
              {version.run_id === null
                ? <span class="quiet-text">imported</span>
                : (
                  <a class="name" href={runPath(version.run_id)}>
                    run {version.run_id.slice(0, 6)}
                  </a>
                )}
              <a class="aside" href={lineagePath(`${version.model}/${version.version}`)}>lineage</a>
            </td>
            <td class="last">
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

/** What happened to a model, newest first; what one act changed stands together. */
export function History({ history }: { readonly history: readonly HistoryFacts[] }): Html {
  return (
    <ol class="history">
      {groupActs(history).map((act) => (
        <li>
          {act.changes.map((change) => <span class="change">{sentence(change)}</span>)}
          <span class="quiet-text">
            <Ago at={act.at} /> by {act.user}
            {act.why === "" ? "" : `: ${act.why}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Changes that one person made at one moment for one reason. */
interface Act extends Pick<HistoryFacts, "at" | "user" | "why"> {
  readonly changes: HistoryFacts[];
}

/** Changes of one moment, in the order they were made. */
export function groupActs(history: readonly HistoryFacts[]): readonly Act[] {
  const acts: Act[] = [];
  for (const change of history) {
    const last = acts.at(-1);
    const { at, user, why } = change;
    const isSame = last !== undefined && last.at === at && last.user === user && last.why === why;
    if (isSame) last.changes.push(change);
    else acts.push({ at, user, why, changes: [change] });
  }
  return acts;
}

function sentence({ alias, version, from, to }: HistoryFacts): Html {
  if (alias === null) {
    const what = `Version ${version}`;
    return <>{what} was {to}{from === null || from === "registered" ? "" : ` (${from} before)`}</>;
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
      <WideTable label="Inputs of the model" isStacked>
        <thead>
          <tr>
            <th scope="col">Input</th>
            <th scope="col">Type</th>
            <th scope="col">Needed</th>
            <th scope="col">Values in training</th>
          </tr>
        </thead>
        <tbody>
          {groupAlike(signature.inputs).map(({ inputs }) => (
            <tr>
              <th scope="row">
                {inputs.map(({ name }) => name).filter((_, place) =>
                  place === 0 || place === inputs.length - 1
                ).join(" … ")}
                {inputs.length === 1
                  ? ""
                  : <span class="quiet-text below-name">{formatCount(inputs.length, "input")}
                  </span>}
              </th>
              <td>{TYPE_NAMES[inputs[0]!.type]}</td>
              <td>{inputs[0]!.nullable ? "optional" : "required"}</td>
              <td class="wrap full">{valuesOf(inputs)}</td>
            </tr>
          ))}
        </tbody>
      </WideTable>
      <p class="below">
        Answers with one of {formatCount(signature.labels.length, "label")}:{" "}
        {signature.labels.slice(0, 20).join(", ")}
        {signature.labels.length > 20 ? " …" : ""}
      </p>
    </>
  );
}

/** Inputs of one type and kind side by side. */
interface InputGroup {
  readonly inputs: SignatureInput[];
}

/** Shorter lists are told input by input. */
const MANY_INPUTS = 20;

/** Neighbours of the same type, when there are so many inputs that nobody would read them all. */
export function groupAlike(inputs: readonly SignatureInput[]): readonly InputGroup[] {
  const groups: InputGroup[] = [];
  for (const input of inputs) {
    const last = groups.at(-1);
    const before = last?.inputs[0];
    const isAlike = inputs.length > MANY_INPUTS && before?.type === input.type &&
      before.nullable === input.nullable && before.categories === undefined &&
      input.categories === undefined;
    if (isAlike) last!.inputs.push(input);
    else groups.push({ inputs: [input] });
  }
  return groups;
}

function valuesOf(inputs: readonly SignatureInput[]): string {
  const ranges = inputs.flatMap(({ range }) => range === undefined ? [] : [range]);
  if (ranges.length > 0) {
    const least = Math.min(...ranges.map(([low]) => low));
    const most = Math.max(...ranges.map(([, high]) => high));
    return `${formatNumber(least)} to ${formatNumber(most)}`;
  }
  const { categories } = inputs[0]!;
  if (categories === undefined) return "any";
  const shown = categories.slice(0, 8).map((name) => name === "" ? "(missing)" : name);
  const rest = categories.length > 8 ? ` and ${categories.length - 8} more` : "";
  return `${shown.join(", ")}${rest}`;
}

const TYPE_NAMES = {
  number: "number",
  integer: "whole number",
  string: "text",
  boolean: "true or false",
} as const;
