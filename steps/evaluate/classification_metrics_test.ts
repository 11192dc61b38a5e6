import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  classificationMetrics,
  CLASSIFIER_METRICS,
  metricPart,
  sliceMetrics,
} from "./classification_metrics.ts";
import { type Predictions, selectPredictions } from "./predictions.ts";

interface OracleCase {
  readonly actual: readonly number[];
  readonly probabilities: readonly number[];
  readonly classes: number;
  /** `null` where scikit-learn gives no number. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly confusion: readonly (readonly number[])[];
}

const { cases } = JSON.parse(
  await Deno.readTextFile(new URL("./testdata/metrics_oracle.json", import.meta.url)),
) as { cases: Readonly<Record<string, OracleCase>> };

function predictionsOf({ actual, probabilities, classes }: OracleCase): Predictions {
  return {
    actual: Int32Array.from(actual),
    probabilities: Float64Array.from(probabilities),
    classes,
  };
}

function namesOf(classes: number): readonly string[] {
  return Array.from({ length: classes }, (_, id) => String(id));
}

for (const [title, oracle] of Object.entries(cases)) {
  Deno.test(`classificationMetrics() equals scikit-learn: ${title}`, () => {
    const { metrics, confusion } = classificationMetrics(predictionsOf(oracle), {
      labels: namesOf(oracle.classes),
      positive: oracle.classes === 2 ? 1 : undefined,
    });

    deepEqual(confusion, oracle.confusion);
    deepEqual(Object.keys(metrics).sort(), Object.keys(oracle.metrics).sort());
    for (const [name, expected] of Object.entries(oracle.metrics)) {
      const found = metrics[name]!;
      if (expected === null) equal(found, NaN, name);
      // Both compute in double precision; only the order of additions differs.
      else ok(Math.abs(found - expected) < 1e-12, `${name} is ${found}, expected ${expected}`);
    }
  });
}

Deno.test("classificationMetrics() swaps the roles of the classes with the positive one", () => {
  const predictions = predictionsOf(cases["two classes"]!);
  const labels = ["stays", "leaves"];

  const of = (positive: number) => classificationMetrics(predictions, { labels, positive }).metrics;

  equal(of(0).f1, of(1)["f1/stays"]);
  equal(of(1).f1, of(1)["f1/leaves"]);
  ok(Math.abs(of(0).roc_auc! - of(1).roc_auc!) < 1e-12);
  ok(of(0).average_precision !== of(1).average_precision);
});

Deno.test("classificationMetrics() gives NaN, never a number, where a split holds one class only", () => {
  const { metrics } = classificationMetrics(
    {
      actual: new Int32Array(4),
      probabilities: Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4),
      classes: 2,
    },
    { labels: ["a", "b"], positive: 1 },
  );

  equal(metrics.accuracy, 1);
  equal(metrics.roc_auc, NaN);
  equal(metrics.average_precision, NaN);
  equal(metrics.kappa, NaN);
});

const predictions = fc.integer({ min: 2, max: 5 }).chain((classes) =>
  fc.array(
    fc.record({
      id: fc.nat(classes - 1),
      weights: fc.array(fc.nat(9).map((n) => n + 1), { minLength: classes, maxLength: classes }),
    }),
    { minLength: 1, maxLength: 40 },
  ).map((rows): Predictions => ({
    actual: Int32Array.from(rows, ({ id }) => id),
    probabilities: Float64Array.from(rows.flatMap(({ weights }) => {
      const whole = weights.reduce((sum, weight) => sum + weight);
      return weights.map((weight) => weight / whole);
    })),
    classes,
  }))
);

Deno.test("classificationMetrics() does not depend on the order of the rows", () => {
  fc.assert(
    fc.property(predictions, (given) => {
      const options = { labels: namesOf(given.classes), positive: undefined };
      const backwards = Array.from(given.actual, (_, row) => row).reverse();

      const one = classificationMetrics(given, options).metrics;
      const other = classificationMetrics(selectPredictions(given, backwards), options).metrics;

      for (const [name, value] of Object.entries(one)) {
        ok(Object.is(value, other[name]) || Math.abs(value - other[name]!) < 1e-12, name);
      }
    }),
    { seed: 3 },
  );
});

Deno.test("sliceMetrics() of everything are the metrics of the whole", () => {
  const given = predictionsOf(cases["two classes"]!);
  const { metrics } = classificationMetrics(given, { labels: ["a", "b"], positive: 1 });

  for (const [name, value] of Object.entries(sliceMetrics(given, 1))) equal(value, metrics[name]);
});

Deno.test("CLASSIFIER_METRICS are all produced, without a positive class too", () => {
  const given = predictionsOf(cases["four classes"]!);
  const { metrics } = classificationMetrics(given, { labels: namesOf(4), positive: undefined });

  deepEqual(CLASSIFIER_METRICS.filter((name) => !(name in metrics)), []);
  equal("f1" in metrics, false);
});

Deno.test("metricPart() keeps words of any language, and nothing a metric's name cannot hold", () => {
  equal(metricPart("긍정 v1.2-a_b"), "긍정 v1.2-a_b");
  equal(metricPart("a/b=c?"), "a_2f_b_3d_c_3f_");
});
