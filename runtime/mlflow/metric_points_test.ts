import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { logMetrics } from "../store/mod.ts";
import { beginRun, openTemporaryStore } from "../store/temporary_store.ts";
import { historyPage, sampleSteps } from "./metric_points.ts";

for (const longFrom of [50_000, 100]) {
  const order = longFrom === 100 ? "of steps, as they are very many" : "they were recorded";
  Deno.test(`historyPage() gives every point once, in the order ${order}`, async () => {
    await using store = await openTemporaryStore();
    const { runId } = await beginRun(store);
    const steps = Array.from({ length: 250 }, (_, i) => (i * 37) % 125);
    const points = steps.map((step, i) => (
      { key: "m", step, timestamp: i, value: i % 10 === 0 ? NaN : i / 3 }
    ));
    await logMetrics(store, runId, points);
    await logMetrics(store, runId, [{ key: "other", step: 0, timestamp: 0, value: 0 }]);

    const found: number[] = [];
    let token: string | undefined = "";
    let pages = 0;
    while (token !== undefined) {
      const page = await historyPage(store, { runId, key: "m", limit: 40, token, longFrom });
      ok(page.points.length <= 40);
      found.push(...page.points.map(({ timestamp }) => timestamp));
      token = page.next;
      pages++;
    }

    equal(pages, 7);
    const expected = longFrom === 100
      ? points.toSorted((a, b) => a.step - b.step || a.timestamp - b.timestamp)
      : points;
    deepEqual(found, expected.map(({ timestamp }) => timestamp));
  });
}

Deno.test("historyPage() finds a page of very many points by the index, without sorting", async () => {
  await using store = await openTemporaryStore();

  const plan = await store.cells(
    `EXPLAIN QUERY PLAN SELECT value FROM metrics WHERE run_id = ? AND key = ?
       AND (step, timestamp, value, is_nan) > (?, ?, ?, ?)
     ORDER BY step, timestamp, value, is_nan LIMIT ?`,
    ["r", "m", 1, 1, 1, 0, 10],
  );

  equal(plan.length, 1);
  match(String(plan[0]!.at(-1)), /USING (COVERING )?INDEX .*run_id=\? AND key=\? AND .*step/);
});

for (const token of ["x", "r", "rx", "s", "s[1]", 's["a",1,1,1]', "s{}"]) {
  Deno.test(`historyPage() refuses the token ${token}`, async () => {
    await using store = await openTemporaryStore();

    await rejects(() => historyPage(store, { runId: "r", key: "m", limit: 1, token }), {
      code: "INVALID_PARAMETER_VALUE",
    });
  });
}

// The expected sets are those of MLflow's own tests.
const samples = [
  [range(10), { start: 0, end: 10, limit: 5 }, [0, 2, 4, 6, 8, 9]],
  [range(10), { start: 4, end: 8, limit: 5 }, [4, 5, 6, 7, 8]],
  [range(101, 20), { start: 0, end: 100, limit: 5 }, [0, 20, 40, 60, 80, 100]],
  [range(1001, 10), { start: 0, end: 1000, limit: 5 }, [0, 200, 400, 600, 800, 1000]],
  [[], { start: 0, end: 10, limit: 5 }, []],
] as const;
for (const [steps, asked, expected] of samples) {
  Deno.test(`sampleSteps() of ${steps.length} steps with ${JSON.stringify(asked)}`, () => {
    deepEqual([...sampleSteps(steps, asked)], expected);
  });
}

function range(end: number, step = 1): number[] {
  return Array.from({ length: Math.ceil(end / step) }, (_, i) => i * step);
}
