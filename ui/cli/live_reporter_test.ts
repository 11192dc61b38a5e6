// deno-lint-ignore-file no-control-regex -- escape codes are what is read
import { deepEqual, equal, ok } from "node:assert/strict";
import type { RunEvent } from "../../runtime/executor/run_event.ts";
import { openReporter } from "./live_reporter.ts";
import { plainPaint } from "./paint.ts";
import type { Stream } from "./terminal.ts";

function fakeStream(isTerminal: boolean): Stream & { readonly writes: string[] } {
  const writes: string[] = [];
  return {
    writes,
    write: (text) => void writes.push(text),
    lines: (lines) => void (lines.length > 0 && writes.push(`${lines.join("\n")}\n`)),
    isTerminal,
    paint: plainPaint,
    width: () => isTerminal ? 80 : null,
  };
}

const at = "2026-11-21T11:00:00.000Z";
const started: RunEvent = {
  type: "run-started",
  at,
  run: "3f9a2c1b".repeat(4),
  runName: "brave-heron-12",
  pipeline: "toy",
  nodes: [{ node: "fit", step: "train" }],
};
const fit: RunEvent = {
  type: "step-started",
  at,
  node: "fit",
  step: "train",
  attempt: 1,
  reason: "",
};
const note: RunEvent = { type: "log", at, node: "fit", level: "info", message: "hello" };

/** What a terminal shows after these writes, line by line. */
function screen(writes: readonly string[]): string[] {
  const lines: string[] = [""];
  for (const [, up, text = ""] of writes.join("").matchAll(/\x1b\[(\d+)A\r\x1b\[J|([^\x1b]+)/g)) {
    if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Infinity, "");
    else {
      const [first = "", ...rest] = text.split("\n");
      lines[lines.length - 1] += first;
      lines.push(...rest);
    }
  }
  return lines.slice(0, -1);
}

Deno.test("openReporter() on a pipe writes plain lines and no escape codes", () => {
  const stream = fakeStream(false);
  using reporter = openReporter(stream, { trace: false });

  for (const event of [started, fit, note]) reporter.take(event);
  reporter.say(["Stopping"]);

  const text = stream.writes.join("");
  equal(text, "run 3f9a2c  toy  brave-heron-12\n  fit  hello\nStopping\n");
});

Deno.test("openReporter() on a terminal keeps running nodes below what was printed", () => {
  const stream = fakeStream(true);
  using reporter = openReporter(stream, { trace: false });

  for (const event of [started, fit, note]) reporter.take(event);
  reporter.say(["Stopping"]);

  const shown = screen(stream.writes);
  deepEqual(shown.slice(0, 3), ["run 3f9a2c  toy  brave-heron-12", "  fit  hello", "Stopping"]);
  equal(shown.length, 4);
  ok(shown[3]!.includes("fit  running"), shown.join("\n"));
});

Deno.test("openReporter() leaves no live line behind", () => {
  const stream = fakeStream(true);
  const reporter = openReporter(stream, { trace: false });
  for (const event of [started, fit, note]) reporter.take(event);

  reporter[Symbol.dispose]();

  deepEqual(screen(stream.writes), ["run 3f9a2c  toy  brave-heron-12", "  fit  hello"]);
});

Deno.test("openReporter() leaves the terminal to a question", async () => {
  const stream = fakeStream(true);
  using reporter = openReporter(stream, { trace: false });
  for (const event of [started, fit, note]) reporter.take(event);

  const during = await reporter.aside(() => Promise.resolve(screen(stream.writes)));

  deepEqual(during, ["run 3f9a2c  toy  brave-heron-12", "  fit  hello"]);
});
