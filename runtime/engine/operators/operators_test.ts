import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { evaluate } from "../evaluate.ts";
import type { Input, Value } from "../graph.ts";
import { draw, type Drawn } from "./_drawn_case.ts";
import { gradientCases } from "./_gradient_cases.ts";
import { operators } from "./mod.ts";

/** dL/dx by moving each element a little to both sides. */
function slopes({ numbers, loss }: Drawn, x: Input): Float64Array {
  const h = 1e-5;
  const at = numbers.get(x)!;
  const lossWith = (index: number, move: number): number => {
    const moved = at.with(index, at[index]! + move);
    const given = new Map([...numbers, [x as Value, moved] as const]);
    return evaluate(operators, [loss], given)[0]![0]!;
  };
  return at.map((_, index) => (lossWith(index, h) - lossWith(index, -h)) / (2 * h));
}

for (const [title, cases] of Object.entries(gradientCases)) {
  Deno.test(`gradient of ${title} agrees with finite differences`, () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 1 << 30 }), (gradientCase, seed) => {
        const drawn = draw(gradientCase, seed);
        const gradients = evaluate(operators, drawn.gradients, drawn.numbers);

        drawn.inputs.forEach((x, i) => {
          const expected = slopes(drawn, x);
          deepEqual(gradients[i]!.length, expected.length);
          expected.forEach((slope, index) => {
            const error = Math.abs(gradients[i]![index]! - slope);
            ok(
              error <= 1e-6 * (1 + Math.abs(slope)),
              `dL/d${x.name}[${index}] is ${gradients[i]![index]}, not ${slope}`,
            );
          });
        });
      }),
      { seed: 3, numRuns: 25 },
    );
  });
}

Deno.test("operators with a gradient all have a finite-difference test", () => {
  const tested = new Set(Object.keys(gradientCases).map((title) => title.split(" ")[0]));
  const flat = ["Sign", "Floor", "Ceil", "Round"]; // nothing is learned through a staircase

  const missing = Object.keys(operators).filter((op) =>
    operators[op]!.gradient !== undefined && !tested.has(op) && !flat.includes(op)
  );

  deepEqual(missing, []);
});
