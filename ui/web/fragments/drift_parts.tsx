/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { ModelSignature } from "../../../pipeline/mod.ts";
import {
  type ComparedReport,
  DRIFT_SHARE,
  type DriftReport,
  type FeatureDrift,
  type ReferenceFacts,
} from "../../../runtime/drift/mod.ts";
import type { ErrorAnswer } from "../../api/mod.ts";
import { formatCount, formatNumber, formatShare } from "../format.ts";
import type { Html } from "../html.ts";
import { datasetPath, driftPath } from "../paths.ts";
import { DriftBars } from "./drift_bars.tsx";
import { DriftMap } from "./drift_map.tsx";
import { EmptyState, ErrorNotice } from "./notice.tsx";
import { WideTable } from "./tables.tsx";
import { Ago } from "./time.tsx";

/** Drift of one version, and which others can be looked at. */
export interface DriftView {
  readonly name: string;
  readonly version: number;
  /** Versions of which requests were kept, the newest first. */
  readonly others: readonly number[];
  readonly report: DriftReport | {
    readonly status: "failed";
    readonly error: ErrorAnswer["error"];
  };
}

/** Features that are seen at once. */
const SHOWN = 8;

/** What a version is asked, beside what it was trained on. */
export function DriftPart(
  { drift, signature }: {
    readonly drift: DriftView;
    /** Of the model, to show where on a picture its inputs drifted. */
    readonly signature: ModelSignature | null;
  },
): Html {
  const { name, version, others, report } = drift;
  return (
    <section aria-labelledby="drift">
      <h2 id="drift">Drift</h2>
      {others.length < 2
        ? ""
        : (
          <nav class="choices versions" aria-label="Versions with kept requests">
            {others.map((each) => (
              <a href={driftPath(name, each)} aria-current={each === version ? "true" : undefined}>
                Version {each}
              </a>
            ))}
          </nav>
        )}
      {report.status === "failed"
        ? <ErrorNotice error={report.error} />
        : report.status === "compared"
        ? <Compared version={version} report={report} signature={signature} />
        : (
          <EmptyState
            title={report.status === "too-few"
              ? "Too few requests to tell"
              : `Version ${version} has nothing to be compared with`}
          >
            <p class="wrap">{sentence(report.why)}</p>
            <p class="wrap">{marked(report.fix)}</p>
          </EmptyState>
        )}
    </section>
  );
}

function Compared(
  { version, report, signature }: {
    readonly version: number;
    readonly report: ComparedReport;
    readonly signature: ModelSignature | null;
  },
): Html {
  const { features, unjudged, prediction, reference, current, detected } = report;
  const drifted = features.filter((feature) => feature.detected).length;
  const rest = features.slice(SHOWN);
  const { dataset } = reference;
  return (
    <>
      <div class={detected ? "notice warn" : "notice good"} role="status">
        <p class="notice-title">
          {detected
            ? `Version ${version} is asked about other data than it was trained on`
            : `Version ${version} is asked about data like those it was trained on`}
        </p>
        <p>
          {inputsSentence(drifted, features.length)}
          {prediction === null ? "" : ` ${answersSentence(prediction.detected)}`}
        </p>
        {detected
          ? (
            <p>
              See whether what sends the requests has changed. If the world has, train on newer
              data.
            </p>
          )
          : ""}
      </div>
      <p class="quiet-text">
        {formatCount(current.rows, "row")} of {formatCount(current.requests, "request")}, the newest
        {" "}
        <Ago at={new Date(current.to!).toISOString()} />, beside{" "}
        {formatCount(reference.rows, "row")} of {dataset.runId === ""
          ? "the training data"
          : <a href={datasetPath(dataset.runId, dataset.address)}>{dataset.address}</a>}
        {reference.rows < dataset.rows ? ` (it has ${formatNumber(dataset.rows)})` : ""}.
      </p>
      {signature?.form === undefined || drifted === 0
        ? ""
        : <DriftMap form={signature.form} inputs={signature.inputs} features={features} />}
      <p class="legend" aria-hidden="true">
        <span>
          <span class="swatch" />trained on
        </span>
        <span>
          <span class="swatch series-0" />asked about
        </span>
      </p>
      <Features
        label="Drift of the answers and of the features furthest away"
        answers={prediction === null ? null : { prediction, of: reference.prediction }}
        features={features.slice(0, SHOWN)}
      />
      {rest.length === 0 ? "" : (
        <details class="decisions">
          <summary>{formatCount(rest.length, "more feature")}</summary>
          <Features label="Drift of the other features" answers={null} features={rest} />
        </details>
      )}
      {hasTexts(features)
        ? (
          <p class="quiet-text below">
            Of a text its length is compared, and which part of its characters is of each script:
            latin, hangul, cjk (Chinese and Japanese), digits, signs.
          </p>
        )
        : ""}
      {unjudged.length === 0
        ? ""
        : <p class="quiet-text below">Too few values to tell: {unjudged.join(", ")}</p>}
    </>
  );
}

function hasTexts(features: readonly FeatureDrift[]): boolean {
  return features.some(({ feature }) => feature.startsWith("length("));
}

function inputsSentence(drifted: number, all: number): string {
  if (drifted === 0) return `None of ${formatCount(all, "feature")} drifted.`;
  const share = formatShare(drifted / all);
  return `${formatNumber(drifted)} of ${formatCount(all, "feature")} drifted (${share}; ${
    formatShare(DRIFT_SHARE)
  } and more are called drift of the data).`;
}

function answersSentence(drifted: boolean): string {
  return drifted
    ? "Its answers drifted: some classes come more often, or less, than they did."
    : "It answers each class about as often as it did.";
}

interface Answers {
  readonly prediction: FeatureDrift;
  readonly of: ReferenceFacts["prediction"];
}

function Features(
  { label, answers, features }: {
    readonly label: string;
    readonly answers: Answers | null;
    readonly features: readonly FeatureDrift[];
  },
): Html {
  const then = answers?.of === "evaluation" ? "beside its evaluation" : "beside the labels";
  return (
    <WideTable label={label}>
      <thead>
        <tr>
          <th scope="col">Feature</th>
          <th scope="col">Spread</th>
          <th scope="col">Drift</th>
          <th scope="col" class="number tight">Distance</th>
          <th scope="col" class="roomy">Judged by</th>
        </tr>
      </thead>
      <tbody>
        {answers === null ? "" : <FeatureRow drift={answers.prediction} aside={then} />}
        {features.map((drift) => <FeatureRow drift={drift} />)}
      </tbody>
    </WideTable>
  );
}

function FeatureRow(
  { drift, aside }: { readonly drift: FeatureDrift; readonly aside?: string },
): Html {
  const { feature, detected, score } = drift;
  return (
    <tr>
      <th scope="row" class="feature">
        {breakable(feature)}
        {aside === undefined ? "" : <span class="quiet-text below-name">{aside}</span>}
      </th>
      <td>
        <DriftBars drift={drift} />
      </td>
      <td>
        <span class={`status ${detected ? "bad" : "good"}`}>
          <span class="sign" aria-hidden="true">{detected ? "✗" : "✓"}</span>{" "}
          {detected ? "drifted" : "alike"}
        </span>
      </td>
      <td class="number tight">{formatNumber(score)}</td>
      <td class="roomy quiet-text">{judgement(drift)}</td>
    </tr>
  );
}

/** A narrow screen breaks `length(review)` at its bracket. */
function breakable(feature: string): Html | string {
  const place = feature.indexOf("(") + 1;
  if (place === 0) return feature;
  return (
    <>
      {feature.slice(0, place)}
      <wbr />
      {feature.slice(place)}
    </>
  );
}

const METHODS: Readonly<Record<FeatureDrift["method"], string>> = {
  ks: "Kolmogorov-Smirnov",
  wasserstein: "Wasserstein in standard deviations",
  chisquare: "chi-square, Cramér's V",
  jensenshannon: "Jensen-Shannon",
  z: "Z-test of shares",
};

function judgement({ method, pValue, threshold }: FeatureDrift): string {
  const limit = pValue === null
    ? `drift from ${formatNumber(Number(threshold.toPrecision(2)))}`
    : `p ${pValue < 1e-4 ? "< 0.0001" : formatNumber(pValue)}, drift below ${threshold}`;
  return `${METHODS[method]}; ${limit}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** What stands between backticks, as code. */
function marked(text: string): readonly (string | Html)[] {
  return `${text}.`.split("`").map((part, place) => place % 2 === 1 ? <code>{part}</code> : part);
}
