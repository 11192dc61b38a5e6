import type { VersionId } from "../registry/mod.ts";
import type { Store } from "../store/mod.ts";
import { compareFeature, type FeatureDrift, severityOf } from "./compare_feature.ts";
import { type FeatureValues, sizeOf } from "./feature_values.ts";
import type { NoReference } from "./find_training_data.ts";
import type { DriftReference } from "./read_reference.ts";
import { readServedRows, type ServedRows } from "./read_served_rows.ts";
import { openTurns, type Turn } from "./turns.ts";

/** How far what a version is asked is from what it was trained on. */
export type DriftReport = NoDriftReport | ComparedReport;

/** Nothing could be compared: there is no reference, or too little was kept. */
export interface NoDriftReport extends NoReference {
  readonly status: "no-reference" | "too-few";
  readonly reference: Pick<ReferenceFacts, "dataset"> | null;
  readonly current: CurrentFacts | null;
}

/** Requests were compared with the reference. */
export interface ComparedReport {
  readonly status: "compared";
  readonly reference: ReferenceFacts;
  readonly current: CurrentFacts;
  /** Features of the inputs, those furthest from the reference first. */
  readonly features: readonly FeatureDrift[];
  /** Inputs with too few values to say anything. */
  readonly unjudged: readonly string[];
  /** The classes it answers; `null` where nobody knows what to compare them with. */
  readonly prediction: FeatureDrift | null;
  /** Inputs that drifted over all, 0 to 1. */
  readonly share: number;
  /** Whether so many features drifted that the data as a whole did. */
  readonly detected: boolean;
}

/** What is compared with. */
export interface ReferenceFacts {
  readonly dataset: DriftReference["dataset"];
  readonly rows: number;
  /** What the served classes are compared with. */
  readonly prediction: "evaluation" | "labels" | null;
}

export type CurrentFacts = Pick<ServedRows, "requests" | "rows" | "from" | "to">;

/** Fewer rows, or values of a feature, say nothing. */
export const LEAST_ROWS = 30;
/** Share of drifted features from which on the data as a whole drifted, as in Evidently. */
export const DRIFT_SHARE = 0.5;

/**
 * Compares the kept requests to a version with its reference.
 *
 * @param options.turn Asked after every piece of the work; no piece takes more than some milliseconds.
 */
export async function compareVersion(
  store: Store,
  id: VersionId,
  reference: DriftReference | NoReference,
  { turn = openTurns() }: { readonly turn?: Turn } = {},
): Promise<DriftReport> {
  if ("why" in reference) {
    return { status: "no-reference", ...reference, reference: null, current: null };
  }
  const { signature, dataset } = reference;
  const { features: now, prediction: answered, ...current } = await readServedRows(
    store,
    id,
    { signature, turn },
  );
  if (current.rows < LEAST_ROWS) {
    return { status: "too-few", reference: { dataset }, current, ...tooFew(current.rows) };
  }
  const { features: then, prediction, rows } = await reference.readRows(turn);
  const { features, unjudged } = await compareFeatures(then, now, turn);
  const share = features.filter(({ detected }) => detected).length / Math.max(1, features.length);
  return {
    status: "compared",
    reference: { dataset, rows, prediction: prediction?.of ?? null },
    current,
    features: features.sort((a, b) =>
      Number(b.detected) - Number(a.detected) || severityOf(b) - severityOf(a)
    ),
    unjudged,
    prediction: prediction === null
      ? null
      : await compareFeature(prediction.values, answered, turn),
    share,
    detected: share >= DRIFT_SHARE,
  };
}

function tooFew(rows: number): NoReference {
  return {
    why: `${rows === 0 ? "no row" : rows === 1 ? "1 row" : `${rows} rows`} of requests ${
      rows < 2 ? "was" : "were"
    } kept, and at least ${LEAST_ROWS} are needed to say anything`,
    fix:
      "Let it answer more requests; with `deno task serve --sample-rate 0.1` a tenth of them is " +
      "kept, with 1 all",
  };
}

async function compareFeatures(
  reference: ReadonlyMap<string, FeatureValues>,
  current: ReadonlyMap<string, FeatureValues>,
  turn: Turn,
): Promise<{ features: FeatureDrift[]; unjudged: readonly string[] }> {
  const features: FeatureDrift[] = [];
  const unjudged: string[] = [];
  for (const [name, values] of reference) {
    const now = current.get(name);
    if (now !== undefined && saysNothing(values, now)) continue;
    if (now === undefined || sizeOf(now) < LEAST_ROWS) unjudged.push(name);
    else features.push(await compareFeature(values, now, turn));
    await turn();
  }
  return { features, unjudged };
}

/** Whether it is no feature at all: nothing is ever missing, or a text holds no such script, neither then nor now. */
function saysNothing(then: FeatureValues, now: FeatureValues): boolean {
  if (then.kind === "categories" && now.kind === "categories") {
    return then.feature.startsWith("missing(") && !then.counts.get("missing") &&
      !now.counts.get("missing");
  }
  return /^(hangul|latin|cjk|digits|signs)\(/.test(then.feature) && isZero(then) && isZero(now);
}

function isZero(values: FeatureValues): boolean {
  return values.kind === "numbers" && values.values[0] === 0 && values.values.at(-1) === 0;
}
