import { deepEqual } from "node:assert/strict";
import { input, int, integers, ints, type Value } from "../graph.ts";
import { emit } from "../operators/mod.ts";
import { takeFrozenPart } from "./take_frozen_part.ts";

const [EXAMPLES, LENGTH, WIDTH] = [2, 3, 4];
const x = input("x", "float32", [EXAMPLES * LENGTH, WIDTH]);
const frozen = input("frozen", "float32", [WIDTH, WIDTH]);
const trained = input("trained", "float32", [WIDTH, WIDTH]);
const rows = emit.apply("MatMul", [x, frozen]);
const tokens = emit.reshape(rows, [EXAMPLES, LENGTH, WIDTH]);
const turned = emit.apply("Transpose", [tokens], { perm: ints([0, 2, 1]) });
const first = emit.apply("Gather", [tokens, integers([0])], { axis: int(1) });
const then = (value: Value): Value =>
  emit.apply("MatMul", [emit.reshape(value, [EXAMPLES, -1, WIDTH].map(sizeOf(value))), trained]);

function sizeOf({ shape }: Value): (axis: number) => number {
  const all = shape.reduce((product, axis) => product * axis, 1);
  return (axis) => axis === -1 ? all / EXAMPLES / WIDTH : axis;
}

for (
  const [title, { values, kept }] of Object.entries({
    "once, however it is turned": { values: [tokens, turned], kept: [[6, 4]] },
    "once, though a part is picked, too": { values: [first, rows], kept: [[6, 4]] },
    "as small as what is picked of it": { values: [first], kept: [[2, 1, 4]] },
  })
) {
  Deno.test(`takeFrozenPart() keeps a value ${title}`, () => {
    const { computed } = takeFrozenPart(emit, values.map(then), {
      batch: new Set<Value>([x]),
      changing: new Set<Value>([trained]),
      examples: EXAMPLES,
    });

    deepEqual([...computed.keys()].map(({ shape }) => shape), kept);
  });
}
