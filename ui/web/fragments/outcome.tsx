/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { RunDetail, VersionFacts } from "../../api/mod.ts";
import type { Html } from "../html.ts";
import { decidePath, tryPath } from "../paths.ts";
import { AliasBadge, statusOfStep } from "./status.tsx";
import { WithCode } from "./with_code.tsx";

/** How a run ended, and what to do next. */
export function Outcome(
  { run, versions }: {
    readonly run: RunDetail;
    /** Versions that it made. */
    readonly versions: readonly VersionFacts[];
  },
): Html | null {
  if (run.status === "failed") return <Failure run={run} />;
  if (run.status === "gated") return <Refusal run={run} />;
  if (versions.length > 0) {
    return <>{versions.map((version) => <Made version={version} />)}</>;
  }
  const isUnchanged = run.steps.length > 0 && run.steps.every(({ status }) => status === "cached");
  if (run.status !== "succeeded" || !isUnchanged) return null;
  return (
    <div class="notice">
      <p class="notice-title">Nothing had changed</p>
      <p>
        Every step came from the cache. Change a value, a file or the data, and what depends on it
        runs.
      </p>
    </div>
  );
}

function Failure({ run }: { readonly run: RunDetail }): Html | null {
  const step = run.steps.find(({ error }) => error !== null);
  if (step?.error === undefined || step.error === null) return null;
  const { what, why, fix } = step.error;
  return (
    <div class="notice bad">
      <p class="notice-title">{step.node} failed: {what}</p>
      <p class="wrap">{why}</p>
      <p>
        <WithCode text={fix} />
      </p>
    </div>
  );
}

function Refusal({ run }: { readonly run: RunDetail }): Html {
  const gates = run.steps.filter((step) => statusOfStep(step) === "said no");
  return (
    <div class="notice warn">
      <p class="notice-title">The gate said no: no model was registered</p>
      {gates.map(({ summary }) => <p>{summary?.replace(/^failed · /, "")}</p>)}
      <p>
        What answers now goes on answering. Train differently, or ask for less of the gate in the
        pipeline's config, and run it again.
      </p>
    </div>
  );
}

function Made({ version }: { readonly version: VersionFacts }): Html {
  const { model, version: number, aliases, state } = version;
  const name = `${model} version ${number}`;
  const target = `${model}/${number}`;
  if (aliases.includes("champion")) {
    return (
      <div class="notice good">
        <p class="notice-title">
          {name} is the <AliasBadge alias="champion" />
        </p>
        <p>
          It answers every request to {model}. <a href={tryPath(model)}>Try it</a>
        </p>
      </div>
    );
  }
  if (state !== "registered") {
    return (
      <div class="notice">
        <p class="notice-title">{name} is {state}</p>
        <p>
          <a href={tryPath(target)}>Try it</a> all the same.
        </p>
      </div>
    );
  }
  return (
    <div class="notice">
      <p class="notice-title">
        {aliases.includes("candidate")
          ? `${name} waits for a decision`
          : `${name} is neither champion nor candidate`}
      </p>
      <p>
        It passed its gate, and answers no request yet. <a href={tryPath(target)}>Try it</a>, then
        {" "}
        <a href={decidePath(model, number)}>decide about it</a>.
      </p>
    </div>
  );
}
