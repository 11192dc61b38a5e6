import { deepEqual } from "node:assert/strict";
import type { ServerEvent } from "../web/mod.ts";
import { plainPaint } from "./paint.ts";
import { serverEventLine } from "./server_event_line.ts";

Deno.test("serverEventLine() tells every event in words", () => {
  const events: readonly ServerEvent[] = [
    { type: "server-started", url: "http://127.0.0.1:8000/" },
    { type: "model-loaded", name: "digits", version: 4, durationMs: 312 },
    { type: "model-failed", name: "digits", version: 5, problem: "model.onnx is missing" },
    { type: "alias-swapped", name: "digits", alias: "champion", from: 4, to: 5 },
    { type: "registry-failed", problem: "database is busy" },
    {
      type: "request-failed",
      id: "a1",
      method: "POST",
      path: "/predict",
      problem: "TypeError: x",
      stack: null,
    },
  ];

  deepEqual(events.map((event) => serverEventLine(event, plainPaint)), [
    undefined,
    "✓ digits version 4 loaded in 0.3 s",
    "✗ digits version 5 cannot answer: model.onnx is missing",
    "↔ digits@champion: version 4 → 5, no request was refused",
    "! cannot look at the registry: database is busy",
    "✗ POST /predict failed (a1): TypeError: x",
  ]);
});
