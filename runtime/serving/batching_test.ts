import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Tensor } from "../../pipeline/mod.ts";
import { type BatchLimits, openBatchQueue } from "./batching.ts";
import type { NamedTensors } from "./stack_tensors.ts";

const LIMITS: BatchLimits = { batchRows: 4, queuedRows: 6 };

/** Rows that hold the same number. */
function rows(count: number, value: number): NamedTensors {
  const x: Tensor = { type: "float32", shape: [count], data: new Float32Array(count).fill(value) };
  return { x };
}

/** A session that doubles, notes the size of every batch, and waits at each for its gate to be opened. */
function slowSession() {
  const sizes: number[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const started: PromiseWithResolvers<void>[] = [];
  const at = (list: PromiseWithResolvers<void>[], index: number) =>
    list[index] ??= Promise.withResolvers<void>();
  let runs = 0;
  return {
    sizes,
    open: (index: number) => at(gates, index).resolve(),
    fail: (index: number, error: Error) => at(gates, index).reject(error),
    started: (index: number) => at(started, index).promise,
    async run({ x }: NamedTensors): Promise<NamedTensors> {
      const index = runs++;
      sizes.push(x!.shape[0]!);
      at(started, index).resolve();
      await at(gates, index).promise;
      const data = (x!.data as Float32Array).map((value) => value * 2);
      return { y: { type: "float32", shape: [data.length], data } };
    },
  };
}

Deno.test("openBatchQueue() runs together what came while the session was busy", async () => {
  const session = slowSession();
  await using queue = openBatchQueue(session.run, LIMITS);

  const first = queue.run(rows(1, 1), 1);
  await session.started(0);
  const others = [queue.run(rows(2, 2), 2), queue.run(rows(1, 3), 1), queue.run(rows(2, 4), 2)];
  equal(queue.waitingRows, 5);
  for (const gate of [0, 1, 2]) session.open(gate);
  const answers = await Promise.all([first, ...others]);

  deepEqual(session.sizes, [1, 3, 2]);
  deepEqual(answers.map(({ y }) => [...y!.data as Float32Array]), [[2], [4, 4], [6], [8, 8]]);
});

Deno.test("openBatchQueue() runs what arrived in one turn of the event loop together", async () => {
  const session = slowSession();
  await using queue = openBatchQueue(session.run, LIMITS);
  session.open(0);

  await Promise.all([1, 2, 3].map((value) => queue.run(rows(1, value), 1)));

  deepEqual(session.sizes, [3]);
});

Deno.test("openBatchQueue() runs a request larger than a batch alone", async () => {
  const session = slowSession();
  await using queue = openBatchQueue(session.run, LIMITS);
  session.open(0);

  await queue.run(rows(9, 1), 9);

  deepEqual(session.sizes, [9]);
});

Deno.test("openBatchQueue() refuses a request when too many rows wait", async () => {
  const session = slowSession();
  await using queue = openBatchQueue(session.run, LIMITS);
  const running = queue.run(rows(1, 1), 1);
  await session.started(0);
  const waiting = queue.run(rows(5, 2), 5);

  await rejects(queue.run(rows(2, 3), 2), { code: "serving/overloaded" });

  session.open(0);
  session.open(1);
  await Promise.all([running, waiting]);
});

Deno.test("openBatchQueue() drops a request whose caller has left, and runs the others", async () => {
  const session = slowSession();
  await using queue = openBatchQueue(session.run, LIMITS);
  const caller = new AbortController();
  const running = queue.run(rows(1, 1), 1);
  await session.started(0);
  const left = queue.run(rows(3, 2), 3, caller.signal);
  const stayed = queue.run(rows(1, 3), 1);

  caller.abort(new Error("gone"));
  await rejects(left, { message: "gone" });
  session.open(0);
  session.open(1);
  await Promise.all([running, stayed]);

  deepEqual(session.sizes, [1, 1]);
});

Deno.test("openBatchQueue() fails the requests of a failed batch and goes on with the next", async () => {
  const session = slowSession();
  await using queue = openBatchQueue(session.run, LIMITS);
  const failing = queue.run(rows(1, 1), 1);
  await session.started(0);
  const next = queue.run(rows(1, 2), 1);

  session.fail(0, new Error("out of memory"));
  session.open(1);

  await rejects(failing, { message: "out of memory" });
  deepEqual([...(await next).y!.data as Float32Array], [4]);
});

Deno.test("openBatchQueue() keeps requests of another shape for a batch of their own", async () => {
  const session = slowSession();
  await using queue = openBatchQueue(session.run, LIMITS);
  session.open(0);
  session.open(1);
  const ids: Tensor = { type: "float32", shape: [1, 1], data: new Float32Array(1) };

  await Promise.all([queue.run(rows(1, 1), 1), queue.run({ x: ids }, 1), queue.run(rows(1, 2), 1)]);

  deepEqual(session.sizes, [2, 1]);
});

Deno.test("openBatchQueue() answers what it took before it is disposed, and takes no more", async () => {
  const session = slowSession();
  const queue = openBatchQueue(session.run, LIMITS);
  const taken = queue.run(rows(1, 1), 1);
  session.open(0);

  await queue[Symbol.asyncDispose]();

  equal((await taken).y!.data[0], 2);
  await rejects(queue.run(rows(1, 1), 1), { code: "serving/closed" });
});
