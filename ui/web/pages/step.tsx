/** @jsxImportSource hono/jsx */
import type { Json } from "../../../pipeline/mod.ts";
import type { NodeExplanation } from "../../../runtime/executor/explain_node.ts";
import type { RunDetail } from "../../api/mod.ts";
import { formatCount } from "../format.ts";
import { Copyable } from "../fragments/notice.tsx";
import { StatusMark, statusOfStep } from "../fragments/status.tsx";
import { StepLog, StepResult } from "../fragments/step_result.tsx";
import { NameValues, WideTable } from "../fragments/tables.tsx";
import type { Html } from "../html.ts";
import { Layout } from "../layout.tsx";
import { lineagePath, runPath } from "../paths.ts";
import { flatParams } from "./lineage.tsx";

/** What a node of a run came to, what it was made of, and why it ran or was cached. */
export function StepPage(
  { explanation, run }: { readonly explanation: NodeExplanation; readonly run: RunDetail },
): Html {
  const { node, step, run_id, run_name, status, reason, parts, cache_key } = explanation;
  const facts = run.steps.find((each) => each.node === node);
  return (
    <Layout title={`${node} of ${run_name}`} section="runs">
      <div class="title">
        <h1>{node}</h1>
        <p class="facts">
          <StatusMark status={facts === undefined ? status : statusOfStep(facts)} />
        </p>
      </div>
      <p class="facts">
        {step === node ? "Run" : `Step ${step}, in run`} <a href={runPath(run_id)}>{run_name}</a> of
        {" "}
        {explanation.pipeline}
        {reason === "" ? "" : ` · ${reason}`}
      </p>
      <StepResult run={run} node={node} />
      <Differences explanation={explanation} />
      {parts === null ? <p class="quiet-text">This node never got as far as a cache key.</p> : (
        <>
          <div class="columns">
            <section aria-labelledby="params">
              <h2 id="params">Params</h2>
              <Values label="Params" values={flatParams(parts.params)} />
            </section>
            <section aria-labelledby="inputs">
              <h2 id="inputs">Inputs</h2>
              {Object.keys(parts.inputs).length === 0
                ? <p class="quiet-text">none</p>
                : (
                  <ul class="files">
                    {Object.entries(parts.inputs).map(([slot, hash]) => (
                      <li>
                        <span>{slot}</span>
                        <a href={lineagePath(hash)}>
                          <code>{hash.slice(0, 12)}</code>
                        </a>
                      </li>
                    ))}
                  </ul>
                )}
              {Object.keys(parts.reads).length === 0 ? "" : (
                <>
                  <h3>It reads</h3>
                  <Values label="Reads" values={shortened(parts.reads)} />
                </>
              )}
            </section>
          </div>
          <details>
            <summary>Code: {formatCount(Object.keys(parts.code).length, "module")}</summary>
            <Values label="Code" values={shortened(parts.code)} />
          </details>
          {Object.keys(parts.environment).length === 0 ? "" : (
            <details>
              <summary>
                Environment: {formatCount(Object.keys(parts.environment).length, "part")}
              </summary>
              <Values label="Environment" values={shortened(parts.environment)} />
            </details>
          )}
          <p class="quiet-text below">
            Cache key <code class="wrap">{cache_key}</code>
          </p>
        </>
      )}
      <StepLog run={run} node={node} />
      <section aria-labelledby="terminal">
        <h2 id="terminal">In the terminal</h2>
        <Copyable
          text={`deno task pipeline explain ${node} --run ${run_id.slice(0, 8)}`}
          label="Copy the command"
        />
      </section>
    </Layout>
  );
}

function Differences({ explanation }: { readonly explanation: NodeExplanation }): Html {
  const { differences, compared_with, parts } = explanation;
  return (
    <section aria-labelledby="why">
      <h2 id="why">Why</h2>
      {differences.length > 0
        ? (
          <WideTable label="What differs" name="differences">
            <thead>
              <tr>
                <th scope="col">Part</th>
                <th scope="col">Name</th>
                <th scope="col">Before</th>
                <th scope="col">Now</th>
              </tr>
            </thead>
            <tbody>
              {differences.map(({ part, name, before, after }) => (
                <tr>
                  <td>{part}</td>
                  <th scope="row" class="cell">{name === "" ? explanation.step : name}</th>
                  <td class="cell before">
                    <span class="narrow-word quiet-text">before</span> {short(before)}
                  </td>
                  <td class="cell after">
                    <span class="narrow-word quiet-text">now</span> {short(after)}
                  </td>
                </tr>
              ))}
            </tbody>
          </WideTable>
        )
        : (
          <p>
            {compared_with === null
              ? "It is the first of its kind: there is no earlier run to compare it with."
              : parts === null
              ? "Its key is not known."
              : "Nothing that it is made of has changed."}
          </p>
        )}
      {compared_with === null ? "" : (
        <p class="quiet-text below">
          Compared with run{" "}
          <a href={runPath(compared_with)}>{compared_with.slice(0, 8)}</a>, which did it last
          before.
        </p>
      )}
    </section>
  );
}

function Values(
  { label, values }: {
    readonly label: string;
    readonly values: readonly (readonly [string, string | number])[];
  },
): Html {
  return values.length === 0
    ? <p class="quiet-text">none</p>
    : <NameValues label={label} entries={values} />;
}

/** Hashes are told apart by their first digits. */
function shortened(
  values: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  return Object.entries(values).map(([name, value]) => [name, short(value)]);
}

function short(value: Json): string {
  if (value === null) return "–";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^(?:[0-9a-f]{64}|sha512-.{40,})$/.test(text)
    ? text.slice(0, text.startsWith("sha512-") ? 13 : 8)
    : text;
}
