import { deepEqual, equal, match } from "node:assert/strict";
import type { MetricPoint } from "../../../runtime/store/mod.ts";
import { plainPaint } from "../paint.ts";
import { renderExplanation } from "./explain.ts";
import { renderPlan } from "./plan.ts";
import { renderAnswers } from "./predict.ts";
import { compareRuns } from "../../compare_runs.ts";
import { renderLogs } from "./runs/logs.ts";

const style = { paint: plainPaint, width: 100 };

Deno.test("renderPlan() says what would happen to every node, and the sum", async (t) => {
  const plan = {
    pipeline: "digits",
    nodes: [
      { node: "data", step: "dataset", action: "cached", reason: "nothing changed" },
      { node: "train", step: "train", action: "run", reason: "param epochs 5 → 20" },
      { node: "evaluate", step: "evaluate", action: "unknown", reason: 'depends on "train"' },
      { node: "register", step: "register", action: "skip", reason: 'gate "gate" said no' },
    ],
  } as const;

  await t.assertSnapshot(
    renderPlan(plan, ["plan", "digits", "--set", "a=b c"], plainPaint).join("\n"),
  );
});

Deno.test("renderExplanation() shows what differs, old and new", async (t) => {
  const explanation = {
    run_id: "3f9a2c1b".repeat(4),
    run_name: "brave-heron-12",
    pipeline: "digits",
    node: "train",
    step: "train",
    status: "succeeded",
    reason: "code steps/train.ts changed, param epochs 5 → 20",
    cache_key: "k",
    parts: null,
    compared_with: "41b07e00".repeat(4),
    differences: [
      { part: "code", name: "steps/train.ts", before: "0a".repeat(32), after: "1b".repeat(32) },
      { part: "params", name: "epochs", before: 5, after: 20 },
      { part: "params", name: "warmup", before: null, after: true },
    ],
  } as const;

  await t.assertSnapshot(renderExplanation(explanation, style).join("\n"));
  await t.assertSnapshot(
    renderExplanation({ ...explanation, compared_with: null, differences: [] }, style).join("\n"),
  );
});

Deno.test("renderAnswers() of one row shows how the probability is spread", async (t) => {
  const answer = {
    label: "virginica",
    confidence: 0.71,
    probabilities: { setosa: 0.0001, versicolor: 0.2899, virginica: 0.71 },
  };

  await t.assertSnapshot(renderAnswers([answer], plainPaint).join("\n"));
  await t.assertSnapshot(
    renderAnswers([answer, { ...answer, label: "setosa", confidence: 1 }], plainPaint).join("\n"),
  );
});

Deno.test("renderLogs() indents the further lines of a message", async (t) => {
  const at = Date.UTC(2026, 10, 21, 11, 9, 30, 250);
  const logs = [
    { node: null, at, level: "info", message: "engine cpu" },
    { node: "train", at, level: "warning", message: "loss is high" },
    { node: "train", at, level: "error", message: "Error: no\n    at train.ts:1" },
  ] as const;

  await t.assertSnapshot(renderLogs(logs, plainPaint).join("\n"));
});

const point = (key: string, value: number): MetricPoint => ({ key, value, timestamp: 0, step: 0 });

Deno.test("compareRuns() shows what differs, or everything", () => {
  const first = {
    params: { epochs: "5", seed: "7" },
    metrics: { accuracy: point("accuracy", 0.9), rows: point("rows", 10), odd: point("odd", NaN) },
  };
  const second = {
    params: { epochs: "20", seed: "7", warmup: "true" },
    metrics: { accuracy: point("accuracy", 0.95), rows: point("rows", 10), odd: point("odd", NaN) },
  };

  deepEqual(compareRuns([first, second], { all: false }), {
    params: [
      { name: "epochs", values: ["5", "20"] },
      { name: "warmup", values: [null, "true"] },
    ],
    metrics: [{ name: "accuracy", values: [0.9, 0.95] }],
  });
  deepEqual(compareRuns([first, second], { all: true }).metrics.length, 3);
});

Deno.test("renderAnswers() of texts shows each beside its answer, Hangul in its width", () => {
  const answer = (label: string, confidence: number) => ({ label, confidence, probabilities: {} });

  const lines = renderAnswers([answer("긍정", 0.989), answer("별로다", 0.7)], plainPaint, [
    "다시 보고\n싶은 영화",
    "길다".repeat(40),
  ]);

  equal(lines[0], "1  긍정        99 % sure  다시 보고 싶은 영화");
  match(lines[1]!, /^2 {2}별로다 {6}70 % sure {2}(길다)+길?…$/);
});
