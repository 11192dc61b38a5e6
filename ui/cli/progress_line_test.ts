import { deepEqual, equal } from "node:assert/strict";
import type { StepProgress } from "../../runtime/executor/run_event.ts";
import { plainPaint } from "./paint.ts";
import { addSample, progressWords, renderProgress, speed } from "./progress_line.ts";

const training: StepProgress = {
  type: "step-progress",
  at: "2026-11-21T11:00:00.000Z",
  node: "fit",
  done: 12_300,
  total: 30_000,
  unit: "examples",
  label: "epoch 9/20",
  loss: 0.0829,
};
const samples = [{ at: 0, done: 4_180 }, { at: 1000, done: 12_300 }];

Deno.test("speed() is that of the window, and unknown before there are two moments", () => {
  equal(speed(samples), 8120);
  equal(speed(samples.slice(1)), undefined);
});

Deno.test("addSample() forgets what is older than five seconds", () => {
  const after = addSample([{ at: 0, done: 1 }, { at: 3000, done: 2 }], { at: 6000, done: 3 });
  deepEqual(after.map(({ at }) => at), [3000, 6000]);
});

Deno.test("addSample() starts anew when a counter goes back, as at a new epoch", () => {
  deepEqual(addSample(samples, { at: 2000, done: 100 }), [{ at: 2000, done: 100 }]);
});

Deno.test("progressWords() of a training says share, epoch, speed, loss and time left", () => {
  deepEqual(progressWords(training, samples), [
    "41 %",
    "epoch 9/20",
    "8 120 examples/s",
    "loss 0.083",
    "2 s left",
  ]);
});

Deno.test("progressWords() of a download says bytes", () => {
  const download = {
    ...training,
    done: 12.4e6,
    total: 114e6,
    unit: "bytes",
    label: null,
    loss: null,
  };
  deepEqual(progressWords(download, [{ at: 0, done: 4.2e6 }, { at: 1000, done: 12.4e6 }]), [
    "10 %",
    "12.4 MB of 114.0 MB",
    "8.2 MB/s",
    "12 s left",
  ]);
});

Deno.test("progressWords() without an end says how much is done", () => {
  const reading = { ...training, total: null, unit: "rows", label: null, loss: null };
  deepEqual(progressWords(reading, []), ["12 300 rows"]);
});

for (const [title, width] of [["a wide", 120], ["a narrow", 40]] as const) {
  Deno.test(`renderProgress() on ${title} terminal`, async (t) => {
    const style = { paint: plainPaint, width };
    await t.assertSnapshot(renderProgress("fit     ", training, { samples, style, mark: "⠋" }));
  });
}
