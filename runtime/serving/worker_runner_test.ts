import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { FittedPreprocessing } from "../../pipeline/mod.ts";
import { openEngine } from "../engine/mod.ts";
import { chooseRunner } from "./choose_runner.ts";
import { openRowRunner, type RunnerParts } from "./row_runner.ts";
import { openServingPorts } from "./serving_ports.ts";
import { openWorkerRunner } from "./worker_runner.ts";

const FITTED: FittedPreprocessing = {
  version: 1,
  width: 2,
  label: { column: "y", labels: ["a", "b"] },
  features: [0, 1].map((index) => ({
    column: `x${index}`,
    as: "number" as const,
    shift: 0,
    divisor: 1,
    fill: null,
    indicator: false,
    range: [0, 1] as const,
    integer: false,
  })),
};

const ROWS = [{ x0: 0.25, x1: 1 }, { x0: -1, x1: 0.5 }];

async function makeParts(hidden: readonly number[] = [4]): Promise<RunnerParts> {
  await using engine = await openEngine("cpu", { threads: 1 });
  const architecture = { kind: "mlp", hidden, activation: "relu" } as const;
  const model = await engine.build(architecture, { features: 2, classes: 2, seed: 1 });
  return { preprocessing: FITTED, model, inputs: ["x0", "x1"] };
}

Deno.test("openWorkerRunner() gives what the same model gives in this thread", async () => {
  const parts = await makeParts();
  await using ports = await openServingPorts({ threads: 1 });
  await using here = await openRowRunner(parts, ports);
  await using apart = await openWorkerRunner(parts, { threads: 1 });

  deepEqual(await apart.run(ROWS), await here.run(ROWS));
});

Deno.test("openWorkerRunner() gives the same where weights are in a file beside the model", async () => {
  await using engine = await openEngine("cpu", { threads: 1 });
  const architecture = { kind: "mlp", hidden: [200], activation: "relu" } as const;
  const files = await engine.buildFiles(architecture, {
    ...{ features: 2, classes: 2, seed: 1, fileBytes: 2000 },
  });
  const whole = await makeParts([200]);
  const parts = { ...whole, model: files.onnx, externalData: files.externalData };
  await using ports = await openServingPorts({ threads: 1 });
  await using inside = await openRowRunner(whole, ports);
  await using here = await openRowRunner(parts, ports);
  await using apart = await openWorkerRunner(parts, { threads: 1 });

  const expected = await inside.run(ROWS);

  equal(Object.keys(files.externalData).length, 1);
  deepEqual(await here.run(ROWS), expected);
  deepEqual(await apart.run(ROWS), expected);
});

Deno.test("openRowRunner() gives rows by place, by name and mixed the same answers", async () => {
  await using ports = await openServingPorts({ threads: 1 });
  await using runner = await openRowRunner(await makeParts(), ports);
  const lists = ROWS.map(({ x0, x1 }) => [x0, x1]);

  const named = await runner.run(ROWS);

  deepEqual(await runner.run(lists), named);
  deepEqual(await runner.run([ROWS[0]!, lists[1]!]), named);
});

Deno.test("openRowRunner() names what is wrong with rows by place", async () => {
  await using ports = await openServingPorts({ threads: 1 });
  await using runner = await openRowRunner(await makeParts(), ports);

  await rejects(runner.run([[0.5, 1], [1, 1e300]]), {
    code: "preprocessing/bad-rows",
    why: /row 2, column "x1"/,
  });
});

Deno.test("openWorkerRunner() leaves this thread free while the model works", async () => {
  await using apart = await openWorkerRunner(await makeParts([2048, 2048]), { threads: 1 });
  const rows = Array.from({ length: 1024 }, (_, index) => ROWS[index % 2]!);
  let turns = 0;
  let isDone = false;

  const running = apart.run(rows).finally(() => isDone = true);
  while (!isDone) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    turns++;
  }
  await running;

  ok(turns > 10, `only ${turns} turns`);
});

Deno.test("openWorkerRunner() tells what is wrong with rows, and goes on", async () => {
  await using apart = await openWorkerRunner(await makeParts(), { threads: 1 });

  await rejects(apart.run([{ x0: "wide", x1: 0 }]), { code: "preprocessing/bad-rows" });

  equal((await apart.run(ROWS)).logits!.shape[0], 2);
});

Deno.test("openWorkerRunner() refuses a damaged model", async () => {
  const parts = await makeParts();

  await rejects(
    openWorkerRunner({ ...parts, model: parts.model.slice(0, 100) }, { threads: 1 }),
    (error: Error) => error.name === "ExplainedError",
  );
});

for (
  const { title, hidden, isApart } of [
    { title: "a small model in this thread", hidden: [4], isApart: false },
    { title: "a large model in a thread of its own", hidden: [4096, 4096], isApart: true },
  ]
) {
  Deno.test(`chooseRunner() opens ${title}`, async () => {
    await using ports = await openServingPorts({ threads: 1 });
    let apart = 0;
    const openApart: typeof ports.openApart = (parts) => {
      apart++;
      return openRowRunner(parts, ports);
    };

    const { runner } = await chooseRunner(
      await makeParts(hidden),
      { ...ports, openApart },
      { rows: ROWS, limits: { batchRows: 1024, queuedRows: 8192 } },
    );
    await runner[Symbol.asyncDispose]();

    equal(apart, isApart ? 1 : 0);
  });
}
