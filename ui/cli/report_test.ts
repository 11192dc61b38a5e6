import { deepEqual, equal, ok } from "node:assert/strict";
import type { RunEvent, StepFinished } from "../../runtime/executor/run_event.ts";
import { colourPaint, plainPaint } from "./paint.ts";
import { emptyReport, liveLines, report, type ReportOptions, type ReportState } from "./report.ts";
import { textWidth } from "./text_width.ts";

const start = Date.parse("2026-11-21T11:00:00.000Z");
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

function finished(node: string, facts: Partial<StepFinished>): StepFinished {
  return {
    type: "step-finished",
    at: at(60),
    node,
    step: node,
    status: "succeeded",
    durationMs: 0,
    cacheKey: null,
    reason: "first run",
    summary: null,
    error: null,
    passed: null,
    ...facts,
  };
}

function progress(seconds: number, done: number): RunEvent {
  return {
    type: "step-progress",
    at: at(seconds),
    node: "fit",
    done,
    total: 30_000,
    unit: "examples",
    label: `epoch ${Math.ceil(done / 1500)}/20`,
    loss: 0.4 - done / 100_000,
  };
}

const events: readonly RunEvent[] = [
  {
    type: "run-started",
    at: at(0),
    run: "3f9a2c1b".repeat(4),
    runName: "brave-heron-12",
    pipeline: "digits",
    nodes: ["data", "split", "fit", "훈련평가", "gate", "register", "notify"].map((node) => ({
      node,
      step: node,
    })),
  },
  finished("data", { status: "cached", reason: "nothing changed", summary: "1 797 rows" }),
  { type: "step-started", at: at(0), node: "split", step: "split", attempt: 1, reason: "" },
  {
    type: "log",
    at: at(0.1),
    node: "split",
    level: "warning",
    message: "3 rows have no label\nthey are dropped",
  },
  { type: "log", at: at(0.1), node: "split", level: "info", message: "stratified by digit" },
  finished("split", { durationMs: 412, summary: "training 1 437 · test 360" }),
  {
    type: "engine-chosen",
    at: at(0.5),
    engine: "cpu",
    device: "onnxruntime-node, 2 threads",
    why: "the model is small",
  },
  { type: "step-started", at: at(1), node: "fit", step: "train", attempt: 1, reason: "" },
  progress(1.2, 300),
  { type: "metric", at: at(1.2), node: "fit", name: "loss", value: 0.4, iteration: 1 },
  progress(6.5, 15_000),
  progress(7, 16_000),
  {
    type: "step-retried",
    at: at(8),
    node: "fit",
    attempt: 1,
    delayMs: 2000,
    error: { what: "Cannot train", why: "the device\nwas lost", fix: "", code: "engine/lost" },
  },
  { type: "step-started", at: at(10), node: "fit", step: "train", attempt: 2, reason: "" },
  finished("fit", {
    durationMs: 41_650,
    reason: "param epochs 5 → 20",
    summary: "loss 0.083 · 20 epochs",
  }),
  finished("훈련평가", { durationMs: 95, summary: "accuracy 0.91" }),
  { type: "log", at: at(52), node: "gate", level: "error", message: "Error: no\n    at gate.ts:1" },
  finished("gate", {
    status: "failed",
    durationMs: 12,
    error: {
      what: "Cannot pass the gate",
      why: "f1 is 0.91 and must be >= 0.95",
      fix: "Train a better model, or lower `atLeast` in configs/digits",
      code: "gate/failed",
    },
  }),
  finished("register", { status: "skipped", reason: '"gate" failed' }),
  finished("notify", { status: "cancelled", reason: "the run was cancelled" }),
  { type: "run-finished", at: at(53), status: "failed", durationMs: 53_000 },
];

function show(options: Partial<ReportOptions> = {}): { lines: string[]; state: ReportState } {
  let state: ReportState = emptyReport;
  const lines: string[] = [];
  for (const event of events) {
    const next = report(state, event, {
      mode: "plain",
      trace: false,
      paint: plainPaint,
      width: null,
      ...options,
    });
    state = next.state;
    lines.push(...next.lines);
  }
  return { lines, state };
}

Deno.test("report() without a terminal: one line a finished step, progress now and then", async (t) => {
  await t.assertSnapshot(show().lines.join("\n"));
});

Deno.test("report() on a terminal: no progress lines, long ones cut", async (t) => {
  await t.assertSnapshot(show({ mode: "live", width: 50 }).lines.join("\n"));
});

Deno.test("report() says with colours what it says without", () => {
  const coloured = show({ paint: colourPaint }).lines.join("\n");
  // deno-lint-ignore no-control-regex -- colour codes are what is taken away
  equal(coloured.replace(/\x1b\[\d+m/g, ""), show().lines.join("\n"));
});

Deno.test("report() shows stack traces only when asked", () => {
  ok(!show().lines.join("\n").includes("gate.ts:1"));
  ok(show({ trace: true }).lines.join("\n").includes("gate.ts:1"));
});

Deno.test("report() knows of no running node when all have ended", () => {
  deepEqual(show().state.running, []);
});

Deno.test("liveLines() draws running nodes, with a bar where the end is known", async (t) => {
  let state: ReportState = emptyReport;
  const running: readonly RunEvent[] = [
    ...events.slice(0, 1),
    { type: "step-started", at: at(0), node: "split", step: "split", attempt: 1, reason: "" },
    { type: "step-started", at: at(1), node: "fit", step: "train", attempt: 1, reason: "" },
    progress(1.2, 300),
    progress(2.2, 8420),
  ];
  const style = { mode: "live", trace: false, paint: plainPaint, width: 100 } as const;
  for (const event of running) state = report(state, event, style).state;

  const lines = liveLines(state, start + 2300, style);

  ok(lines.every((line) => textWidth(line) <= 100));
  await t.assertSnapshot(lines.join("\n"));
});

Deno.test("liveLines() counts the nodes that it has no room for", () => {
  let state: ReportState = emptyReport;
  const style = { mode: "live", trace: false, paint: plainPaint, width: 80 } as const;
  for (let i = 0; i < 11; i++) {
    const node = `node${i}`;
    const event = {
      type: "step-started",
      at: at(0),
      node,
      step: "x",
      attempt: 1,
      reason: "",
    } as const;
    state = report(state, event, style).state;
  }

  const lines = liveLines(state, start, style);

  equal(lines.length, 9);
  equal(lines.at(-1), "  and 3 more are running");
});

Deno.test("report() shows a gate that says no as a no, whether it ran or was cached", () => {
  const style: ReportOptions = { paint: plainPaint, width: null, mode: "plain", trace: false };
  for (const status of ["succeeded", "cached"] as const) {
    const event = finished("gate", { status, passed: false, summary: "f1 is 0.91" });
    const { lines } = report({ ...emptyReport, nodeWidth: 4 }, event, style);

    equal(lines[0], "✗ gate  said no     0.0 s   f1 is 0.91");
  }
});
