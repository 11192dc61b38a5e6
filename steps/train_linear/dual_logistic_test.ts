import { deepEqual, ok, rejects } from "node:assert/strict";
import { openFakeContext } from "../_fake_context.ts";
import { type LogisticPass, type LogisticProblem, solveLogistic } from "./dual_logistic.ts";

const options = { cost: 3, passes: 5000, tolerance: 1e-6, seed: 1 };

/** Sparse examples of length 1 whose side depends, not wholly, on their features. */
function drawProblem(count: number, features: number): LogisticProblem {
  const starts = new Int32Array(count + 1);
  const ids: number[] = [];
  const values: number[] = [];
  const sides = new Int8Array(count);
  for (let row = 0; row < count; row++) {
    const held = Array.from({ length: features }, (_, id) => id)
      .filter((id) => Math.sin(row * 12.9898 + id * 78.233) > 0.3);
    for (const id of held) {
      ids.push(id);
      values.push(1 / Math.sqrt(held.length));
    }
    starts[row + 1] = ids.length;
    sides[row] = Math.sin(row * 3.7) + (held.includes(2) ? 1.2 : -0.4) > 0 ? 1 : -1;
  }
  return { starts, ids: Int32Array.from(ids), values: Float32Array.from(values), sides, features };
}

async function solve(problem: LogisticProblem, given: Partial<typeof options> = {}) {
  await using fake = await openFakeContext();
  const passes: Pick<LogisticPass, "pass" | "violation">[] = [];
  let last: LogisticPass | undefined;
  for await (const pass of solveLogistic(fake.context, problem, { ...options, ...given })) {
    passes.push({ pass: pass.pass, violation: pass.violation });
    last = pass;
  }
  return { passes, weights: last!.weights, bias: last!.bias };
}

/** Gradient of |(w, b)|²/2 + C Σ ln(1 + exp(-y (w x + b))): 0 at the only optimum. */
function gradient(
  { starts, ids, values, sides, features }: LogisticProblem,
  { weights, bias }: { readonly weights: Float32Array; readonly bias: number },
  cost: number,
): Float64Array {
  const result = Float64Array.from([...weights, bias]);
  sides.forEach((side, row) => {
    let score = bias;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      score += weights[ids[at]!]! * values[at]!;
    }
    const pull = -cost * side / (1 + Math.exp(side * score));
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      result[ids[at]!]! += pull * values[at]!;
    }
    result[features]! += pull;
  });
  return result;
}

for (const cost of [0.1, 3, 100]) {
  Deno.test(`solveLogistic() finds the optimum at C ${cost}`, async () => {
    const problem = drawProblem(300, 12);

    const solution = await solve(problem, { cost });

    const largest = Math.max(...gradient(problem, solution, cost).map(Math.abs));
    ok(largest < 1e-3 * Math.max(1, cost), `the gradient is ${largest}`);
    ok(solution.passes.at(-1)!.violation < options.tolerance);
    ok(solution.passes.length > 2);
  });
}

Deno.test("solveLogistic() gives the same weights again, others of another seed on the way", async () => {
  const problem = drawProblem(200, 9);

  const once = await solve(problem, { passes: 2 });

  deepEqual(await solve(problem, { passes: 2 }), once);
  ok((await solve(problem, { passes: 2, seed: 2 })).weights.join() !== once.weights.join());
});

Deno.test("solveLogistic() bears examples without features and equal examples of both sides", async () => {
  const problem: LogisticProblem = {
    starts: Int32Array.of(0, 0, 1, 2),
    ids: Int32Array.of(0, 0),
    values: Float32Array.of(1, 1),
    sides: Int8Array.of(1, 1, -1),
    features: 1,
  };

  const { weights, bias } = await solve(problem);

  ok(Math.max(...gradient(problem, { weights, bias }, options.cost).map(Math.abs)) < 1e-3);
  ok(bias > 0 && weights[0]! < 0);
});

Deno.test("solveLogistic() stops when it is cancelled, and lets others have their turn", async () => {
  const problem = drawProblem(30_000, 12);
  const controller = new AbortController();
  await using fake = await openFakeContext({ signal: controller.signal });
  const read = async () => {
    for await (const { pass } of solveLogistic(fake.context, problem, options)) {
      if (pass === 2) controller.abort();
    }
  };
  await rejects(read, { name: "AbortError" });
});
