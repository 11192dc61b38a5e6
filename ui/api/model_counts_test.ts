import { deepEqual, equal, ok } from "node:assert/strict";
import { ModelCounts } from "./model_counts.ts";

Deno.test("ModelCounts counts classes, scores, batches and times of every version", () => {
  const counts = new ModelCounts([0.001, 0.01]);

  counts.prediction('a"b', 2, [
    { label: "긍정", confidence: 0.55, probabilities: {} },
    { label: "긍정", confidence: 0.97, probabilities: {} },
    { label: "a\nb", confidence: 1, probabilities: {} },
  ]);
  counts.batch('a"b', 2, { rows: 3, requests: 2, waitedMs: 0, computeMs: 5 });

  const text = counts.render(() => true);
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const of = (start: string) => lines.filter((line) => line.startsWith(start));
  deepEqual(of("model_predictions_total"), [
    'model_predictions_total{model="a\\"b",version="2",class="긍정"} 2',
    'model_predictions_total{model="a\\"b",version="2",class="a\\nb"} 1',
  ]);
  deepEqual(of("model_prediction_score_bucket").slice(-4).map((line) => line.split(" ")[1]), [
    "1", // <= 0.95
    "2", // <= 0.99
    "3", // <= 1
    "3", // +Inf
  ]);
  deepEqual(of("model_batch_size_sum"), ['model_batch_size_sum{model="a\\"b",version="2"} 3']);
  deepEqual(of("model_prediction_latency_seconds_sum"), [
    'model_prediction_latency_seconds_sum{model="a\\"b",version="2",stage="queue"} 0',
    'model_prediction_latency_seconds_sum{model="a\\"b",version="2",stage="compute"} 0.005',
  ]);
  ok(text.endsWith("\n"));
});

const ANSWER = [{ label: "a", confidence: 1, probabilities: {} }];
const HOUR = 3600_000;

/** The versions that a text tells of. */
function toldOf(text: string): number[] {
  const told = text.matchAll(/model_predictions_total\{model="m",version="(\d+)"/g);
  return [...told].map(([, version]) => Number(version));
}

Deno.test("ModelCounts tells of a version for an hour after its last question, and as long as it is served", () => {
  let now = 0;
  const counts = new ModelCounts([1], () => now);
  const served = (...versions: number[]) => (_: string, version: number) =>
    versions.includes(version);
  counts.prediction("m", 1, ANSWER);
  counts.prediction("m", 2, ANSWER);

  deepEqual(toldOf(counts.render(served(1))), [1, 2]);
  now = HOUR;
  deepEqual(toldOf(counts.render(served(1))), [1, 2]);
  counts.batch("m", 2, { rows: 1, requests: 1, waitedMs: 0, computeMs: 1 });
  now = 1.5 * HOUR;
  deepEqual(toldOf(counts.render(served(1))), [1, 2]);
  now = 2.6 * HOUR;
  deepEqual(toldOf(counts.render(served(1))), [1]);
  now = 100 * HOUR;
  deepEqual(toldOf(counts.render(served(1))), [1]);
  deepEqual(toldOf(counts.render(served(3))), []);
});

for (const isCollected of [true, false]) {
  const who = isCollected ? "somebody" : "nobody";
  Deno.test(`ModelCounts stays small for years of daily versions, when ${who} collects`, () => {
    let now = 0;
    const counts = new ModelCounts([1], () => now);
    let longest = 0;
    for (let day = 1; day <= 1000; day++) {
      for (let hour = 0; hour < 24; hour++) {
        now += HOUR;
        counts.prediction("m", day, ANSWER);
        const text = isCollected ? counts.render((_, version) => version === day) : "";
        longest = Math.max(longest, toldOf(text).length);
      }
    }

    ok(longest <= 3, `${longest} versions are told at once`);
    const left = toldOf(counts.render(() => true));
    equal(left.at(-1), 1000);
    ok(left.length <= 3, `${left.length} versions are kept`);
  });
}
