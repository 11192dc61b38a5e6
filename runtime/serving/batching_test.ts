import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { type BatchLimits, openBatchQueue } from "./batching.ts";

const LIMITS: BatchLimits = { batchRows: 4, queuedRows: 6 };

/** Rows that hold the same number. */
function rows(count: number, value: number): number[] {
  return new Array<number>(count).fill(value);
}

/** A model that doubles, notes the size of every batch, and waits at each for its gate to be opened. */
function slowModel(limits: BatchLimits = LIMITS) {
  const sizes: number[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const started: PromiseWithResolvers<void>[] = [];
  const at = (list: PromiseWithResolvers<void>[], index: number) =>
    list[index] ??= Promise.withResolvers<void>();
  let runs = 0;
  return {
    ...limits,
    sizes,
    open: (index: number) => at(gates, index).resolve(),
    fail: (index: number, error: Error) => at(gates, index).reject(error),
    started: (index: number) => at(started, index).promise,
    async run(batch: readonly number[]): Promise<readonly number[]> {
      const index = runs++;
      sizes.push(batch.length);
      at(started, index).resolve();
      await at(gates, index).promise;
      if (batch.includes(-1)) throw new Error("a row is bad");
      return batch.map((value) => value * 2);
    },
  };
}

Deno.test("openBatchQueue() runs together what came while the model was busy", async () => {
  const model = slowModel();
  await using queue = openBatchQueue(model);

  const first = queue.run(rows(1, 1));
  await model.started(0);
  const others = [queue.run(rows(2, 2)), queue.run(rows(1, 3)), queue.run(rows(2, 4))];
  equal(queue.waitingRows, 5);
  for (const gate of [0, 1, 2]) model.open(gate);
  const answers = await Promise.all([first, ...others]);

  deepEqual(model.sizes, [1, 3, 2]);
  deepEqual(answers, [[2], [4, 4], [6], [8, 8]]);
});

Deno.test("openBatchQueue() runs what arrived in one turn of the event loop together", async () => {
  const model = slowModel();
  await using queue = openBatchQueue(model);
  model.open(0);

  await Promise.all([1, 2, 3].map((value) => queue.run(rows(1, value))));

  deepEqual(model.sizes, [3]);
});

Deno.test("openBatchQueue() runs a request larger than a batch alone", async () => {
  const model = slowModel();
  await using queue = openBatchQueue(model);
  model.open(0);

  await queue.run(rows(9, 1));

  deepEqual(model.sizes, [9]);
});

Deno.test("openBatchQueue() refuses a request when too many rows wait", async () => {
  const model = slowModel();
  await using queue = openBatchQueue(model);
  const running = queue.run(rows(1, 1));
  await model.started(0);
  const waiting = queue.run(rows(5, 2));

  await rejects(queue.run(rows(2, 3)), { code: "serving/overloaded" });

  model.open(0);
  model.open(1);
  await Promise.all([running, waiting]);
});

Deno.test("openBatchQueue() drops a request whose caller has left, and runs the others", async () => {
  const model = slowModel();
  await using queue = openBatchQueue(model);
  const caller = new AbortController();
  const running = queue.run(rows(1, 1));
  await model.started(0);
  const left = queue.run(rows(3, 2), caller.signal);
  const stayed = queue.run(rows(1, 3));

  caller.abort(new Error("gone"));
  model.open(0);
  model.open(1);
  await rejects(left, { message: "gone" });
  await Promise.all([running, stayed]);

  deepEqual(model.sizes, [1, 1]);
});

Deno.test("openBatchQueue() takes new requests in the place of those whose caller has left", async () => {
  const model = slowModel();
  await using queue = openBatchQueue(model);
  const caller = new AbortController();
  const running = queue.run(rows(1, 1));
  await model.started(0);
  const left = queue.run(rows(6, 2), caller.signal);

  caller.abort(new Error("gone"));
  const stayed = queue.run(rows(6, 3));

  await rejects(left, { message: "gone" });
  model.open(0);
  model.open(1);
  await Promise.all([running, stayed]);
});

Deno.test("openBatchQueue() gives up what is not answered by the deadline, running or waiting", async () => {
  const model = slowModel({ ...LIMITS, deadlineMs: 5 });
  await using queue = openBatchQueue(model);
  const running = queue.run(rows(1, 1));
  const alive = setTimeout(() => {}, 10_000); // the queue's own timer keeps no process alive

  await rejects(running, { code: "serving/too-late" });
  await rejects(queue.run(rows(1, 2)), { code: "serving/too-late" });
  clearTimeout(alive);
  equal(queue.waitingRows, 0);
  model.open(0);
  model.open(1);

  deepEqual(await queue.run(rows(1, 3)), [6]);
});

Deno.test("openBatchQueue() fails only the request that is bad, not those in its batch", async () => {
  const model = slowModel();
  await using queue = openBatchQueue(model);
  for (const gate of [0, 1, 2, 3]) model.open(gate);

  const [good, bad, other] = await Promise.allSettled(
    [1, -1, 3].map((value) => queue.run(rows(1, value))),
  );

  deepEqual(good, { status: "fulfilled", value: [2] });
  equal(bad!.status, "rejected");
  deepEqual(other, { status: "fulfilled", value: [6] });
});

Deno.test("openBatchQueue() fails the request of a failed batch and goes on with the next", async () => {
  const model = slowModel();
  await using queue = openBatchQueue(model);
  const failing = queue.run(rows(1, 1));
  await model.started(0);
  const next = queue.run(rows(1, 2));

  model.fail(0, new Error("out of memory"));
  model.open(1);

  await rejects(failing, { message: "out of memory" });
  deepEqual(await next, [4]);
});

Deno.test("openBatchQueue() runs the oldest with rows of about the same length", async () => {
  const batches: number[][] = [];
  await using queue = openBatchQueue<number, number>({
    batchRows: 3,
    queuedRows: 100,
    run: (batch) => {
      batches.push([...batch]);
      return Promise.resolve(batch);
    },
    lengthOf: (length) => length,
  });

  const lengths = [100, 900, 20, 110, 105, 890, 10];
  deepEqual(
    await Promise.all(lengths.map((value) => queue.run([value]))),
    lengths.map((value) => [value]),
  );

  deepEqual(batches, [[100, 105, 110], [890, 900], [10, 20]]);
});

Deno.test("openBatchQueue() answers everybody, however lengths and rows are mixed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(500), { minLength: 1, maxLength: 6 }), { maxLength: 20 }),
      async (requests) => {
        const sizes: number[] = [];
        await using queue = openBatchQueue<number, number>({
          batchRows: 4,
          queuedRows: Infinity,
          lengthOf: (length) => length,
          run: (batch) => {
            sizes.push(batch.length);
            return Promise.resolve(batch.map((value) => -value));
          },
        });

        const answers = await Promise.all(requests.map((rows) => queue.run(rows)));

        deepEqual(answers, requests.map((rows) => rows.map((value) => -value)));
        ok(sizes.every((size) => size <= 6));
        equal(queue.waitingRows, 0);
      },
    ),
    { seed: 3 },
  );
});

Deno.test("openBatchQueue() takes the oldest with its neighbours in length, and nobody from between is left out", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(500), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 8 }),
      async (lengths, batchRows) => {
        const waiting = lengths.map((length, age) => ({ length, age }));
        await using queue = openBatchQueue<typeof waiting[number], number>({
          batchRows,
          queuedRows: Infinity,
          lengthOf: ({ length }) => length,
          run: (batch) => {
            ok(batch.length <= batchRows);
            ok(batch.includes(waiting[0]!));
            const taken = batch.map(({ length }) => length);
            const [least, most] = [Math.min(...taken), Math.max(...taken)];
            for (const each of batch) waiting.splice(waiting.indexOf(each), 1);
            ok(waiting.every(({ length }) => length <= least || length >= most));
            return Promise.resolve(batch.map(({ age }) => age));
          },
        });

        await Promise.all([...waiting].map((row) => queue.run([row])));

        equal(waiting.length, 0);
      },
    ),
    { seed: 4 },
  );
});

Deno.test("openBatchQueue() tells how large every batch was", async () => {
  const model = slowModel();
  const batches: [number, number][] = [];
  await using queue = openBatchQueue({
    ...model,
    onBatch: ({ rows, requests }) => batches.push([rows, requests]),
  });
  model.open(0);

  await Promise.all([queue.run(rows(2, 1)), queue.run(rows(1, 1))]);
  await Promise.resolve();

  deepEqual(batches, [[3, 2]]);
});

Deno.test("openBatchQueue() answers what it took before it is disposed, and takes no more", async () => {
  const model = slowModel();
  const queue = openBatchQueue(model);
  const taken = queue.run(rows(1, 1));
  model.open(0);

  await queue[Symbol.asyncDispose]();

  deepEqual(await taken, [2]);
  await rejects(queue.run(rows(1, 1)), { code: "serving/closed" });
});
