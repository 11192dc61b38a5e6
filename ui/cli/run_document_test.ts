import { deepEqual, equal } from "node:assert/strict";
import type { Run } from "../../runtime/store/mod.ts";
import { ownMetrics, runDocument, statusWord } from "./run_document.ts";

const run: Run = {
  runId: "3f9a2c1b".repeat(4),
  runName: "brave-heron-12",
  experimentId: 1,
  experiment: "digits",
  userId: "mina",
  status: "FINISHED",
  startTime: Date.UTC(2026, 10, 21),
  endTime: Date.UTC(2026, 10, 21) + 1500,
  lifecycleStage: "active",
  artifactUri: "",
  tags: { "hanok.status": "gated", "mlflow.note.content": "first try" },
  params: { "train.epochs": "20" },
  metrics: {
    accuracy: { key: "accuracy", value: 0.9, timestamp: 0, step: 0 },
    "train/loss": { key: "train/loss", value: NaN, timestamp: 0, step: 9 },
  },
};

Deno.test("runDocument() speaks our words and writes times as ISO-8601", () => {
  const { status, started_at, duration_ms, metrics, note, deleted } = runDocument(run);

  deepEqual({ status, started_at, duration_ms, metrics, note, deleted }, {
    status: "gated",
    started_at: "2026-11-21T00:00:00.000Z",
    duration_ms: 1500,
    metrics: { accuracy: 0.9, "train/loss": NaN },
    note: "first try",
    deleted: false,
  });
});

Deno.test("statusWord() of a run of other programs comes from MLflow's status", () => {
  equal(statusWord({ status: "KILLED", tags: {} }), "cancelled");
  equal(statusWord({ status: "FINISHED", tags: {} }), "succeeded");
});

Deno.test("ownMetrics() leaves those of single nodes out", () => {
  deepEqual(ownMetrics(run), { accuracy: 0.9 });
});
