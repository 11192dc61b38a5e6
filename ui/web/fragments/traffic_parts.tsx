/** @jsxImportSource hono/jsx */
import { useContext } from "hono/jsx";
import type { ModelDetail, VersionFacts } from "../../api/mod.ts";
import type { LiveAccuracy, PredictionSample, TrafficSplit } from "../../../runtime/traffic/mod.ts";
import { formatCount, formatShare } from "../format.ts";
import type { Html } from "../html.ts";
import { modelPath } from "../paths.ts";
import { ReaderContext, readerMay } from "../reader.ts";
import { WideTable } from "./tables.tsx";
import { Ago } from "./time.tsx";

/** What became of a model's requests. */
export interface TrafficView {
  readonly split: TrafficSplit | undefined;
  readonly accuracy: readonly LiveAccuracy[];
  readonly samples: readonly PredictionSample[];
}

/** How requests are shared, what was right, and some of the requests. */
export function TrafficPart(
  { model, offered, traffic }: {
    readonly model: ModelDetail;
    /** Versions that requests can be shared among, newest first. */
    readonly offered: readonly VersionFacts[];
    readonly traffic: TrafficView;
  },
): Html {
  const { split, accuracy, samples } = traffic;
  const sum = split?.shares.reduce((total, { weight }) => total + weight, 0) ?? 1;
  return (
    <section aria-labelledby="traffic">
      <h2 id="traffic">Requests</h2>
      <p>
        {split === undefined
          ? model.aliases.champion === undefined
            ? "No request is answered: there is no champion."
            : "The champion answers all requests."
          : `Shared: ${
            split.shares.map(({ version, weight }) =>
              `version ${version} answers ${formatShare(weight / sum)}`
            ).join(", ")
          }.`}
      </p>
      {accuracy.length === 0 ? "" : (
        <WideTable label="What was right">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col" class="number">Feedback on</th>
              <th scope="col" class="number">Right</th>
            </tr>
          </thead>
          <tbody>
            {accuracy.map(({ version, told, right }) => (
              <tr>
                <th scope="row">{version}</th>
                <td class="number">{formatCount(told, "answer")}</td>
                <td class="number">{formatShare(right / told)}</td>
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
      {offered.length < 2
        ? ""
        : <SplitForm model={model} versions={versionsToShare(offered, split)} split={split} />}
      {samples.length === 0 ? "" : <Samples samples={samples} />}
    </section>
  );
}

/** Versions that the form has a field for. */
const SHARED_AMONG = 8;

/** Those that share requests now, those with an alias, then the newest: as many as the form has room for. */
export function versionsToShare(
  offered: readonly Pick<VersionFacts, "version" | "aliases">[],
  split: TrafficSplit | undefined,
): readonly number[] {
  const rank = ({ version, aliases }: Pick<VersionFacts, "version" | "aliases">): number =>
    split?.shares.some((share) => share.version === version) ? 0 : aliases.length > 0 ? 1 : 2;
  const shared = split?.shares.length ?? 0;
  return offered.toSorted((a, b) => rank(a) - rank(b) || b.version - a.version)
    .slice(0, Math.max(SHARED_AMONG, shared))
    .map(({ version }) => version)
    .sort((a, b) => b - a);
}

function SplitForm(
  { model, versions, split }: {
    readonly model: ModelDetail;
    readonly versions: readonly number[];
    readonly split: TrafficSplit | undefined;
  },
): Html | null {
  if (!readerMay(useContext(ReaderContext), "admin")) return null;
  const weightOf = (version: number): number =>
    split?.shares.find((share) => share.version === version)?.weight ??
      (split === undefined && version === model.aliases.champion ? 100 : 0);
  return (
    <details class="decisions">
      <summary>Share the requests among versions</summary>
      <form method="post" action={`${modelPath(model.name)}/split`} class="split">
        <p class="quiet-text">
          A weight a version; the parts are these over their sum. With one weight alone the champion
          answers again. A caller with the header <code>x-hanok-key</code>{" "}
          always gets the same version.
        </p>
        <div class="fields">
          {versions.map((version) => (
            <div class="field">
              <label for={`weight-${version}`}>Version {version}</label>
              <input
                id={`weight-${version}`}
                name={`weight.${version}`}
                type="number"
                min="0"
                step="any"
                inputmode="decimal"
                value={String(weightOf(version))}
              />
            </div>
          ))}
          <div class="field">
            <label for="split-why">Reason to share</label>
            <input id="split-why" name="why" type="text" required maxlength={500} />
          </div>
        </div>
        <button type="submit">Share</button>
      </form>
    </details>
  );
}

function Samples({ samples }: { readonly samples: readonly PredictionSample[] }): Html {
  return (
    <details class="decisions">
      <summary>{formatCount(samples.length, "request")} kept as samples</summary>
      <WideTable label="Samples of requests">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Version</th>
            <th scope="col">Answer</th>
            <th scope="col">Request</th>
          </tr>
        </thead>
        <tbody>
          {samples.map(({ at, version, answers, request }) => (
            <tr>
              <td>
                <Ago at={new Date(at).toISOString()} />
              </td>
              <td>{version}</td>
              <td>{labelsOf(answers)}</td>
              <td>
                <code>{request.length > 120 ? `${request.slice(0, 120)}…` : request}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </WideTable>
    </details>
  );
}

function labelsOf(answers: string): string {
  const labels = (JSON.parse(answers) as { readonly label: string }[]).map(({ label }) => label);
  return labels.length > 5 ? `${labels.slice(0, 5).join(", ")} …` : labels.join(", ");
}
