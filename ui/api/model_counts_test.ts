import { deepEqual, ok } from "node:assert/strict";
import { ModelCounts } from "./model_counts.ts";

Deno.test("ModelCounts counts classes, scores, batches and times of every version", () => {
  const counts = new ModelCounts([0.001, 0.01]);

  counts.prediction('a"b', 2, [
    { label: "긍정", confidence: 0.55, probabilities: {} },
    { label: "긍정", confidence: 0.97, probabilities: {} },
    { label: "a\nb", confidence: 1, probabilities: {} },
  ]);
  counts.batch('a"b', 2, { rows: 3, requests: 2, waitedMs: 0, computeMs: 5 });

  const text = counts.render();
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
