import type { Metrics } from "../../pipeline/mod.ts";
import { brierScore, calibrationError, logLoss } from "./calibration.ts";
import {
  accuracy,
  balancedAccuracy,
  type ClassScores,
  classScores,
  cohenKappa,
  type Confusion,
  countConfusion,
  macro,
  matthewsCorrelation,
  weighted,
} from "./confusion.ts";
import { predictedClasses, type Predictions } from "./predictions.ts";
import { averagePrecision, rankScores, rocAuc } from "./ranking.ts";

/** Names of the metrics that every classifier gets. */
export const CLASSIFIER_METRICS = [
  "accuracy",
  "balanced_accuracy",
  "precision_macro",
  "recall_macro",
  "f1_macro",
  "precision_weighted",
  "recall_weighted",
  "f1_weighted",
  "roc_auc",
  "average_precision",
  "log_loss",
  "ece",
  "brier",
  "mcc",
  "kappa",
  "rows",
] as const;

/** Names of the metrics of the positive class. */
export const POSITIVE_METRICS = ["precision", "recall", "f1"] as const;

/** How the metrics are to be named and aimed. */
export interface MetricOptions {
  readonly labels: readonly string[];
  /** Class that plain `precision`, `recall` and `f1` are of; two classes always have one. */
  readonly positive: number | undefined;
}

/**
 * Everything that is known of a classifier's answers, equal to scikit-learn's numbers: `CLASSIFIER_METRICS`,
 * `POSITIVE_METRICS` when there is a positive class, and `precision/LABEL`, `recall/LABEL`, `f1/LABEL`.
 *
 * A number that is not defined, e.g. the ROC AUC of a split without one of the classes, is NaN.
 */
export function classificationMetrics(
  predictions: Predictions,
  { labels, positive }: MetricOptions,
): { readonly metrics: Metrics; readonly confusion: Confusion } {
  const confusion = confusionOf(predictions);
  const scores = classScores(confusion);
  const metrics = {
    accuracy: accuracy(confusion),
    balanced_accuracy: balancedAccuracy(confusion),
    precision_macro: macro(scores, "precision"),
    recall_macro: macro(scores, "recall"),
    f1_macro: macro(scores, "f1"),
    precision_weighted: weighted(scores, "precision"),
    recall_weighted: weighted(scores, "recall"),
    f1_weighted: weighted(scores, "f1"),
    ...rankingMetrics(predictions, positive),
    log_loss: logLoss(predictions),
    ece: calibrationError(predictions, positive ?? 1),
    brier: brierScore(predictions),
    mcc: matthewsCorrelation(confusion),
    kappa: cohenKappa(confusion),
    rows: predictions.actual.length,
    ...positiveMetrics(scores, positive),
    ...perClassMetrics(scores, labels),
  } satisfies Record<typeof CLASSIFIER_METRICS[number], number>;
  return { metrics, confusion };
}

/** The metrics that a part of a split gets: those that mean something on few rows. */
export const SLICE_METRICS = ["accuracy", "f1_macro", "log_loss", "rows"] as const;

/** Metrics of a part of a split: `SLICE_METRICS`, and `POSITIVE_METRICS` when there is a positive class. */
export function sliceMetrics(predictions: Predictions, positive: number | undefined): Metrics {
  const confusion = confusionOf(predictions);
  const scores = classScores(confusion);
  return {
    accuracy: accuracy(confusion),
    f1_macro: macro(scores, "f1"),
    log_loss: logLoss(predictions),
    rows: predictions.actual.length,
    ...positiveMetrics(scores, positive),
  };
}

function confusionOf(predictions: Predictions): Confusion {
  return countConfusion(predictions.actual, predictedClasses(predictions), predictions.classes);
}

/** Two classes: of the positive one. More: the mean over the classes, each against the rest. */
function rankingMetrics(
  predictions: Predictions,
  positive = 1,
): { readonly roc_auc: number; readonly average_precision: number } {
  const { classes } = predictions;
  const ids = classes === 2 ? [positive] : Array.from({ length: classes }, (_, id) => id);
  const each = ids.map((id) => {
    const ranked = rankScores(predictions, id);
    return [rocAuc(ranked), averagePrecision(ranked)] as const;
  });
  const mean = (of: 0 | 1) => each.reduce((sum, pair) => sum + pair[of], 0) / each.length;
  return { roc_auc: mean(0), average_precision: mean(1) };
}

function positiveMetrics(scores: readonly ClassScores[], positive: number | undefined): Metrics {
  if (positive === undefined) return {};
  const { precision, recall, f1 } = scores[positive]!;
  return { precision, recall, f1 };
}

function perClassMetrics(scores: readonly ClassScores[], labels: readonly string[]): Metrics {
  return Object.fromEntries(
    POSITIVE_METRICS.flatMap((name) =>
      scores.map((each, id) => [`${name}/${metricPart(labels[id]!)}`, each[name]])
    ),
  );
}

/** A label or value as a part of a metric's name: letters outside MLflow's alphabet become their hex code. */
export function metricPart(text: string): string {
  return text.replace(
    /[^\p{L}\p{N}_. -]/gu,
    (letter) => `_${letter.codePointAt(0)!.toString(16)}_`,
  );
}
