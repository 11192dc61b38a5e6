import type { VersionId } from "../runtime/registry/mod.ts";
import type {
  CurrentFacts,
  DriftReport,
  FeatureDrift,
  ReferenceFacts,
} from "../runtime/drift/mod.ts";

/** Drift of a version as the HTTP API and `--json` tell it. */
export interface DriftDocument {
  readonly model: string;
  readonly version: number;
  readonly status: DriftReport["status"];
  /** Why nothing was compared, and what to do; `null` when it was. */
  readonly why: string | null;
  readonly fix: string | null;
  readonly reference: {
    readonly run_id: string;
    /** `node.output`. */
    readonly dataset: string;
    readonly artifact: string;
    readonly dataset_rows: number;
    /** Rows of it that were compared; `null` when nothing was. */
    readonly rows: number | null;
    /** What the served classes are compared with. */
    readonly prediction: ReferenceFacts["prediction"];
  } | null;
  readonly current: {
    readonly requests: number;
    readonly rows: number;
    /** ISO-8601, UTC. */
    readonly from: string | null;
    readonly to: string | null;
  } | null;
  /** Whether the data as a whole drifted: at least half of the features did. `null` when nothing was compared. */
  readonly detected: boolean | null;
  /** Share of the features that drifted, 0 to 1. */
  readonly share: number | null;
  readonly prediction: FeatureDocument | null;
  /** The furthest from the reference first. */
  readonly features: readonly FeatureDocument[];
  readonly unjudged: readonly string[];
}

interface FeatureDocument {
  readonly feature: string;
  readonly method: FeatureDrift["method"];
  readonly score: number;
  readonly p_value: number | null;
  readonly threshold: number;
  readonly detected: boolean;
  readonly reference_values: number;
  readonly current_values: number;
  readonly bins: FeatureDrift["bins"];
}

/** The document of a report. */
export function driftDocument({ name, version }: VersionId, report: DriftReport): DriftDocument {
  const isCompared = report.status === "compared";
  return {
    model: name,
    version,
    status: report.status,
    why: isCompared ? null : report.why,
    fix: isCompared ? null : report.fix,
    reference: report.reference === null ? null : referenceDocument(report.reference),
    current: report.current === null ? null : currentDocument(report.current),
    detected: isCompared ? report.detected : null,
    share: isCompared ? report.share : null,
    prediction: isCompared && report.prediction !== null
      ? featureDocument(report.prediction)
      : null,
    features: isCompared ? report.features.map(featureDocument) : [],
    unjudged: isCompared ? report.unjudged : [],
  };
}

function referenceDocument(
  { dataset, ...compared }: NonNullable<DriftReport["reference"]>,
): DriftDocument["reference"] {
  const { rows, prediction } = { rows: null, prediction: null, ...compared };
  return {
    run_id: dataset.runId,
    dataset: dataset.address,
    artifact: dataset.artifact,
    dataset_rows: dataset.rows,
    rows,
    prediction,
  };
}

function currentDocument({ requests, rows, from, to }: CurrentFacts): DriftDocument["current"] {
  const isoTime = (at: number | null): string | null =>
    at === null ? null : new Date(at).toISOString();
  return { requests, rows, from: isoTime(from), to: isoTime(to) };
}

function featureDocument(
  { pValue, referenceValues, currentValues, ...same }: FeatureDrift,
): FeatureDocument {
  const { feature, method, score, threshold, detected, bins } = same;
  return {
    ...{ feature, method, score, p_value: pValue, threshold, detected },
    ...{ reference_values: referenceValues, current_values: currentValues, bins },
  };
}
