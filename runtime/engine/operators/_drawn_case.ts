import { differentiate } from "../differentiate.ts";
import { constant, type Input, input, type Value } from "../graph.ts";
import { seededRandom } from "../seeded_random.ts";
import { elementCount } from "../shape.ts";
import type { Domain, GradientCase } from "./_gradient_cases.ts";
import { emit, operators } from "./mod.ts";

/** A case with its numbers, and the loss sum(y * r) with random r, so that every output counts. */
export interface Drawn {
  readonly inputs: readonly Input[];
  readonly numbers: ReadonlyMap<Value, Float64Array<ArrayBuffer>>;
  readonly loss: Value;
  readonly gradients: readonly Value[];
}

/** Draws numbers for a case. */
export function draw({ inputs: shapes, build }: GradientCase, seed: number, prefix = ""): Drawn {
  const random = seededRandom(seed);
  const inputs = shapes.map(({ shape }, i) => input(`${prefix}x${i}`, "float32", shape));
  const numbers = new Map(
    inputs.map((value, i) =>
      [
        value,
        Float64Array.from({ length: elementCount(value.shape) }, () =>
          pick(random, shapes[i]!.domain)),
      ] as const
    ),
  );
  const y = build(emit, inputs);
  const r = constant(
    "float32",
    y.shape,
    Float64Array.from({ length: elementCount(y.shape) }, () => random() - 0.5),
  );
  const loss = emit.sum(emit.mul(y, r), y.shape.map((_, axis) => axis), false);
  return { inputs, numbers, loss, gradients: differentiate({ operators, g: emit }, loss, inputs) };
}

function pick(random: () => number, { from, to, awayFromZero = 0 }: Domain): number {
  const number = from + random() * (to - from);
  return Math.abs(number) < awayFromZero ? Math.sign(number) * awayFromZero : number;
}
