import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { ChampionFacts, Metrics } from "../../pipeline/mod.ts";
import { type GateGiven, gateParams } from "./gate_params.ts";
import { judgeMetrics } from "./judge_metrics.ts";

function judge(metrics: Metrics, given: GateGiven, champion?: Metrics) {
  const facts: ChampionFacts | undefined = champion === undefined
    ? undefined
    : { model: "churn", version: 3, metrics: champion, tags: {} };
  return judgeMetrics(metrics, gateParams.parse(given), facts);
}

const overChampion = { model: "churn", metric: "roc_auc", by: 0.01 };

const cases: readonly {
  readonly title: string;
  readonly metrics: Metrics;
  readonly given: GateGiven;
  readonly champion?: Metrics;
  readonly met: boolean;
  readonly text: string;
}[] = [
  {
    title: "a bound that is reached",
    metrics: { accuracy: 0.97 },
    given: { at_least: { accuracy: 0.97 } },
    met: true,
    text: "accuracy is 0.97, must be >= 0.97",
  },
  {
    title: "a value that only looks like its bound",
    metrics: { accuracy: 0.96999999 },
    given: { at_least: { accuracy: 0.97 } },
    met: false,
    text: "accuracy is 0.96999999, must be >= 0.97",
  },
  {
    title: "an upper bound",
    metrics: { log_loss: 0.31 },
    given: { at_most: { log_loss: 0.3 } },
    met: false,
    text: "log_loss is 0.31, must be <= 0.3",
  },
  {
    title: "NaN under an upper bound",
    metrics: { log_loss: NaN },
    given: { at_most: { log_loss: 0.3 } },
    met: false,
    text: "log_loss is NaN, must be <= 0.3",
  },
  {
    title: "a missing metric",
    metrics: {},
    given: { at_least: { accuracy: 0 } },
    met: false,
    text: "accuracy is missing, must be >= 0",
  },
  {
    title: "a pattern that nothing fits",
    metrics: { accuracy: 1, f1_macro: 1 },
    given: { at_least: { "f1/*": 0.5 } },
    met: false,
    text: "f1/* is missing, must be >= 0.5",
  },
  {
    title: "no champion yet",
    metrics: { roc_auc: 0.6 },
    given: { over_champion: overChampion },
    met: true,
    text: "roc_auc is 0.6, and churn has no champion yet",
  },
  {
    title: "NaN without a champion",
    metrics: { roc_auc: NaN },
    given: { over_champion: overChampion },
    met: false,
    text: "roc_auc is NaN, and churn has no champion yet",
  },
  {
    title: "an improvement that is large enough",
    metrics: { roc_auc: 0.71 },
    given: { over_champion: overChampion },
    champion: { roc_auc: 0.7 },
    met: true,
    text: "roc_auc is 0.71, must be >= 0.71: champion v3 has 0.7 plus 0.01",
  },
  {
    title: "an improvement that is too small",
    metrics: { roc_auc: 0.705 },
    given: { over_champion: overChampion },
    champion: { roc_auc: 0.7 },
    met: false,
    text: "roc_auc is 0.705, must be >= 0.71: champion v3 has 0.7 plus 0.01",
  },
  {
    title: "a loss, which is better when lower",
    metrics: { log_loss: 0.3 },
    given: { over_champion: { model: "churn", metric: "log_loss" } },
    champion: { log_loss: 0.29 },
    met: false,
    text: "log_loss is 0.3, must be <= 0.29: champion v3 has 0.29",
  },
  {
    title: "a metric said to be better when lower",
    metrics: { cost: 4 },
    given: { over_champion: { model: "churn", metric: "cost", better: "lower" } },
    champion: { cost: 5 },
    met: true,
    text: "cost is 4, must be <= 5: champion v3 has 5",
  },
  {
    title: "a champion without the metric",
    metrics: { roc_auc: 1 },
    given: { over_champion: overChampion },
    champion: { accuracy: 0.7 },
    met: false,
    text: "roc_auc is 1, and champion v3 has no roc_auc to compare with",
  },
  {
    title: "a champion whose metric is NaN",
    metrics: { roc_auc: 1 },
    given: { over_champion: overChampion },
    champion: { roc_auc: NaN },
    met: false,
    text: "roc_auc is 1, and champion v3 has no roc_auc to compare with",
  },
];
for (const { title, metrics, given, champion, met, text } of cases) {
  Deno.test(`judgeMetrics() ${met ? "passes" : "fails"} ${title}`, () => {
    const [reason] = judge(metrics, given, champion);

    equal(reason?.text, text);
    equal(reason?.met, met);
  });
}

Deno.test("judgeMetrics() tells every demand with its value, the unmet ones first", () => {
  const metrics = { accuracy: 0.98, "f1/a": 0.9, "f1/b": 0.4, ece: NaN };

  const reasons = judge(metrics, {
    at_least: { accuracy: 0.97, "f1/*": 0.5 },
    at_most: { ece: 0.1 },
  });

  deepEqual(reasons, [
    {
      met: false,
      text: "f1/b is 0.4, must be >= 0.5",
      metric: "f1/b",
      value: 0.4,
      demand: { at_least: 0.5 },
    },
    {
      met: false,
      text: "ece is NaN, must be <= 0.1",
      metric: "ece",
      value: "NaN",
      demand: { at_most: 0.1 },
    },
    {
      met: true,
      text: "accuracy is 0.98, must be >= 0.97",
      metric: "accuracy",
      value: 0.98,
      demand: { at_least: 0.97 },
    },
    {
      met: true,
      text: "f1/a is 0.9, must be >= 0.5",
      metric: "f1/a",
      value: 0.9,
      demand: { at_least: 0.5 },
    },
  ]);
});

Deno.test("judgeMetrics() never lets NaN or a missing metric pass", () => {
  const bound = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(
      fc.constantFrom<Metrics>({}, { m: NaN }),
      bound,
      fc.option(bound, { nil: undefined }),
      (metrics, least, rival) => {
        const champion = rival === undefined ? undefined : { m: rival };
        const reasons = judge(metrics, {
          at_least: { m: least },
          at_most: { m: least },
          over_champion: { model: "churn", metric: "m" },
        }, champion);

        deepEqual(reasons.map(({ met }) => met), [false, false, false]);
      },
    ),
    { seed: 2 },
  );
});

Deno.test("judgeMetrics() passes a champion's equal when no improvement is demanded, and what improves by enough", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, fc.constantFrom("higher", "lower"), (theirs, by, better) => {
      const demand = { model: "churn", metric: "m", better } as const;
      const ours = better === "lower" ? theirs - by : theirs + by;

      const [same] = judge({ m: theirs }, { over_champion: demand }, { m: theirs });
      const [improved] = judge({ m: ours }, { over_champion: { ...demand, by } }, { m: theirs });
      const [missed] = judge(
        { m: better === "lower" ? ours + 0.001 : ours - 0.001 },
        { over_champion: { ...demand, by } },
        { m: theirs },
      );

      deepEqual([same?.met, improved?.met, missed?.met], [true, true, false]);
    }),
    { seed: 4 },
  );
  equal(
    judge({ m: 0.3 }, { over_champion: { model: "churn", metric: "m", by: 0.2 } }, { m: 0.1 })[0]
      ?.met,
    true,
  );
});

const params: readonly [string, unknown, boolean][] = [
  ["a bound", { at_least: { accuracy: 0.9 } }, true],
  ["a champion alone", { over_champion: { model: "m", metric: "a" } }, true],
  ["no demand", { at_least: {} }, false],
  ["a bound that is no number", { at_least: { accuracy: NaN } }, false],
  ["a negative margin", { over_champion: { model: "m", metric: "a", by: -1 } }, false],
  ["a pattern over the champion", { over_champion: { model: "m", metric: "f1/*" } }, false],
  ["an unknown key", { atLeast: { accuracy: 0.9 }, at_least: { accuracy: 0.9 } }, false],
];
for (const [title, given, accepted] of params) {
  Deno.test(`gateParams ${accepted ? "takes" : "refuses"} ${title}`, () => {
    equal(gateParams.safeParse(given).success, accepted);
  });
}
