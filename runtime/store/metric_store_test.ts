import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import { getRun } from "./find_run.ts";
import { logMetrics, metricHistory, metricOutline } from "./metric_store.ts";
import type { MetricPoint } from "./run.ts";
import { beginRun, openTemporaryStore } from "./temporary_store.ts";

const point: fc.Arbitrary<MetricPoint> = fc.record({
  key: fc.constantFrom("loss", "evaluate/f1"),
  value: fc.constantFrom(0, -1, 0.5, 1, NaN, Infinity, -Infinity),
  timestamp: fc.integer({ min: 0, max: 3 }),
  step: fc.integer({ min: -1, max: 3 }),
});

/** MLflow's rule, written plainly: the greatest (step, timestamp, value), where NaN counts as 0. */
function latestOf(points: readonly MetricPoint[]): MetricPoint | undefined {
  const rank = ({ step, timestamp, value }: MetricPoint): number[] => [
    step,
    timestamp,
    Number.isNaN(value) ? 0 : value,
  ];
  return points.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const place = left.findIndex((each, index) => each !== right[index]);
    return place < 0 ? 0 : left[place]! < right[place]! ? 1 : -1;
  })[0];
}

const clamp = (value: number): number =>
  Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

Deno.test("logMetrics() keeps the greatest (step, timestamp, value) as the latest", async () => {
  await using store = await openTemporaryStore();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(point, { maxLength: 6 }), { maxLength: 4 }),
      async (batches) => {
        const { runId } = await beginRun(store);
        for (const batch of batches) await logMetrics(store, runId, batch);

        const { metrics } = await getRun(store, runId);

        for (const key of ["loss", "evaluate/f1"]) {
          const expected = latestOf(batches.flat().filter((each) => each.key === key));
          const found = metrics[key];
          equal(found === undefined, expected === undefined);
          if (found === undefined || expected === undefined) continue;
          deepEqual([found.step, found.timestamp], [expected.step, expected.timestamp]);
          // NaN and 0 tie: whichever came first stays.
          const zeroes = (value: number): number => Number.isNaN(value) ? 0 : clamp(value);
          equal(zeroes(found.value), zeroes(expected.value));
        }
      },
    ),
    { seed: 2, numRuns: 60 },
  );
});

Deno.test("logMetrics() keeps a point once, however often it is logged", async () => {
  await using store = await openTemporaryStore();
  await fc.assert(
    fc.asyncProperty(fc.array(point, { maxLength: 8 }), async (points) => {
      const { runId } = await beginRun(store);

      await logMetrics(store, runId, points);
      const once = await metricHistory(store, runId, "loss");
      await logMetrics(store, runId, points);

      deepEqual(await metricHistory(store, runId, "loss"), once);
      const unique = points.filter(({ key }) => key === "loss").map((each) => (
        JSON.stringify([each.step, each.timestamp, String(each.value)])
      ));
      equal(once.length, new Set(unique).size);
    }),
    { seed: 3, numRuns: 40 },
  );
});

Deno.test("metricHistory() gives the points in the order they were logged, NaN as NaN", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const values = [3, NaN, 1, -Infinity, 2];
  const points = values.map((value, step) => ({ key: "loss", value, timestamp: 5, step }));

  await logMetrics(store, runId, points);

  const history = await metricHistory(store, runId, "loss");
  deepEqual(history.map(({ value }) => value), [3, NaN, 1, -Number.MAX_VALUE, 2]);
  deepEqual(await metricHistory(store, runId, "other"), []);
});

Deno.test("logMetrics() takes 20,000 points in one transaction", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const points = Array.from({ length: 20_000 }, (_, step) => (
    { key: "loss", value: 1 / (step + 1), timestamp: step, step }
  ));

  await logMetrics(store, runId, points);

  equal((await metricHistory(store, runId, "loss")).length, 20_000);
  equal((await getRun(store, runId)).metrics.loss?.step, 19_999);
});

Deno.test("logMetrics() refuses names that are no plain path, all at once", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const named = (key: string): MetricPoint => ({ key, value: 1, timestamp: 1, step: 0 });

  await rejects(
    () =>
      logMetrics(
        store,
        runId,
        ["ok", "학습/정확도 1", "/root", "a//b", "../up", "a\nb", "", "x".repeat(251)].map(named),
      ),
    (error: Error) => {
      equal((error as Error & { code: string }).code, "store/bad-name");
      equal(error.message.split("\n").length - 1, 6);
      return true;
    },
  );
});

Deno.test("metricHistory() gives a part of the points when asked", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const points = [3, 1, 2].map((step) => ({ key: "loss", value: step, step, timestamp: 1 }));
  await logMetrics(store, runId, points);

  deepEqual(await metricHistory(store, runId, "loss", { limit: 1, offset: 1 }), [points[1]]);
});

Deno.test("metricOutline() gives a short curve whole, by iteration", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const values = [[3, 5], [1, NaN], [2, 0]] as const;
  await logMetrics(
    store,
    runId,
    values.map(([step, value]) => ({ key: "loss", value, step, timestamp: 1 })),
  );

  deepEqual(await metricOutline(store, { runId, key: "loss" }, 2), [
    { step: 1, value: NaN },
    { step: 2, value: 0 },
    { step: 3, value: 5 },
  ]);
  deepEqual(await metricOutline(store, { runId, key: "none" }, 2), []);
});

Deno.test("metricOutline() of a long curve keeps spikes and gaps of NaN", async () => {
  await using store = await openTemporaryStore();
  const { runId } = await beginRun(store);
  const values = Array.from({ length: 40 }, (_, index) => 100 - index);
  values[7] = 1000;
  values.fill(NaN, 20, 30);
  await logMetrics(
    store,
    runId,
    values.map((value, index) => ({ key: "loss", value, step: index + 1, timestamp: 1 })),
  );

  const outline = await metricOutline(store, { runId, key: "loss" }, 4);

  // Falling stretches go from their largest value to their smallest.
  deepEqual(outline.map(({ step, value }) => [step, value]), [
    [1, 91],
    [1, 1000],
    [11, 90],
    [11, 81],
    [21, NaN],
    [31, 61],
    [31, 70],
  ]);
});

Deno.test("metricOutline() loses no extreme of any curve", async () => {
  await using store = await openTemporaryStore();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer()), { minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      async (pairs, stretches) => {
        const { runId } = await beginRun(store);
        await logMetrics(
          store,
          runId,
          pairs.map(([step, value]) => ({ key: "loss", value, step, timestamp: 1 })),
        );

        const outline = await metricOutline(store, { runId, key: "loss" }, stretches);

        const extremes = (values: readonly number[]) => [Math.min(...values), Math.max(...values)];
        deepEqual(extremes(outline.map(({ value }) => value)), extremes(pairs.map(([, v]) => v)));
        deepEqual(
          outline.map(({ step }) => step),
          outline.map(({ step }) => step).toSorted((a, b) => a - b),
        );
      },
    ),
    { seed: 3, numRuns: 40 },
  );
});
