import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { openFakeContext } from "../_fake_context.ts";
import { fakeEngine } from "./_fake_engine.ts";
import type { Examples } from "./examples.ts";
import { trainModel } from "./training_loop.ts";
import { type TrainGiven, trainParams } from "./train_params.ts";

/** Examples of class 0 with one feature: their place. */
function examplesOf(count: number): Examples {
  const data = Float32Array.from({ length: count }, (_, i) => i);
  return {
    count,
    inputs: { features: { type: "float32", shape: [count, 1], data } },
    targets: new Int32Array(count),
  };
}

const splits = { training: examplesOf(10), validation: examplesOf(8) };

function paramsOf(given: Omit<TrainGiven, "seed">) {
  return trainParams.parse({ seed: 1, batch_size: 4, ...given });
}

const start = { onnx: new TextEncoder().encode("0"), externalData: {} };

Deno.test("trainModel() shows every example once an epoch, in another order each", async () => {
  const { engine, batches, open } = fakeEngine(() => 1);
  await using fake = await openFakeContext({ engine });

  await trainModel(fake.context, start, { ...splits, params: paramsOf({ epochs: 2 }) });

  const places = batches.map(({ inputs }) => [...inputs.features!.data]);
  deepEqual(places.map((batch) => batch.length), [4, 4, 2, 4, 4, 2]);
  const [first, second] = [places.slice(0, 3).flat(), places.slice(3).flat()];
  deepEqual(first.toSorted(), second.toSorted());
  equal(new Set(first).size, 10);
  ok(first.join() !== second.join());
  equal(open(), 0);
});

Deno.test("trainModel() weighs a short last batch by its examples", async () => {
  const { engine } = fakeEngine(() => 1);
  await using fake = await openFakeContext({ engine });

  const { kept } = await trainModel(fake.context, start, {
    ...splits,
    params: paramsOf({ epochs: 1 }),
  });

  equal(kept.loss, (1 * 4 + 1 / 2 * 4 + 1 / 3 * 2) / 10);
});

Deno.test("trainModel() records loss, validation and learning rate with their iteration", async () => {
  const { engine } = fakeEngine((iterations) => iterations / 6);
  await using fake = await openFakeContext({ engine });

  await trainModel(fake.context, start, { ...splits, params: paramsOf({ epochs: 2 }) });

  const recorded = fake.metrics.map(({ name, iteration }) => [name, iteration]);
  deepEqual(
    recorded,
    [3, 6].flatMap((iteration) => [
      ["learning_rate", iteration],
      ["loss", iteration],
      ["validation_loss", iteration],
      ["validation_accuracy", iteration],
    ]),
  );
  deepEqual(
    fake.metrics.filter(({ name }) => name === "validation_accuracy").map(({ value }) => value),
    [0.5, 1],
  );
  const sure = Math.log(1 + Math.exp(-2)); // cross-entropy of logits 2 and 0, right answer
  const wrong = sure + 2;
  const [half, all] = fake.metrics.filter(({ name }) => name === "validation_loss");
  ok(Math.abs(half!.value - (sure + wrong) / 2) < 1e-12);
  ok(Math.abs(all!.value - sure) < 1e-12);
});

Deno.test("trainModel() keeps the best epoch and stops when patience is over", async () => {
  const accuracy = [0.25, 0.5, 0.75, 0.5, 0.75, 0.25, 1]; // after each epoch of three iterations
  const { engine } = fakeEngine((iterations) => accuracy[iterations / 3 - 1]!);
  await using fake = await openFakeContext({ engine });
  const early_stopping = { patience: 3, metric: "validation_accuracy" } as const;

  const { kept, last } = await trainModel(fake.context, start, {
    ...splits,
    params: paramsOf({ epochs: 7, early_stopping }),
  });

  deepEqual([kept.epoch, kept.validation_accuracy, last.epoch], [3, 0.75, 6]);
  equal(new TextDecoder().decode(kept.files.onnx), "9");
});

Deno.test("trainModel() keeps the last epoch when the best is not to be restored", async () => {
  const { engine } = fakeEngine((iterations) => iterations === 3 ? 1 : 0);
  await using fake = await openFakeContext({ engine });

  const { kept } = await trainModel(fake.context, start, {
    ...splits,
    params: paramsOf({ epochs: 3, restore_best: false }),
  });

  deepEqual([kept.epoch, new TextDecoder().decode(kept.files.onnx)], [3, "9"]);
});

Deno.test("trainModel() tells how far it is, in examples", async () => {
  const { engine } = fakeEngine(() => 1);
  await using fake = await openFakeContext({ engine });

  await trainModel(fake.context, start, { ...splits, params: paramsOf({ epochs: 2 }) });

  const { done, total, unit, label } = fake.progress.at(-1)!;
  deepEqual([done, total, unit, label], [20, 20, "examples", "epoch 2/2"]);
  ok(fake.progress.every(({ loss }) => Number.isFinite(loss)));
  ok(fake.yields() >= 2);
});

Deno.test("trainModel() stops between two batches when it is cancelled, and frees the device", async () => {
  const controller = new AbortController();
  const { engine, batches, open } = fakeEngine(() => 1, (iteration) => {
    if (iteration === 2) controller.abort();
  });
  await using fake = await openFakeContext({ engine, signal: controller.signal });

  await rejects(
    () => trainModel(fake.context, start, { ...splits, params: paramsOf({ epochs: 2 }) }),
    { name: "AbortError" },
  );
  deepEqual([batches.length, open()], [2, 0]);
});

Deno.test("trainModel() tells the engine its params, shares of the whole as iterations", async () => {
  const { engine, options } = fakeEngine(() => 1);
  await using fake = await openFakeContext({ engine });
  const train = (given: Omit<TrainGiven, "seed">) =>
    trainModel(fake.context, start, { ...splits, params: paramsOf({ epochs: 4, ...given }) });

  await train({ weight_decay: 0.2, warmup: 0.25, label_smoothing: 0.1 });
  await train({ optimizer: "sgd", learning_rate: 0.5, momentum: 0.9, schedule: "constant" });

  deepEqual(options.map(({ externalData: _, ...rest }) => rest), [
    {
      seed: 1,
      loss: { kind: "cross-entropy", labelSmoothing: 0.1 },
      optimizer: { kind: "adamw", learningRate: 0.001, weightDecay: 0.2 },
      schedule: { kind: "cosine", warmup: 3, totalIterations: 12 },
    },
    {
      seed: 1,
      loss: { kind: "cross-entropy", labelSmoothing: 0 },
      optimizer: { kind: "sgd", learningRate: 0.5, momentum: 0.9 },
      schedule: { kind: "constant" },
    },
  ]);
});
