import { type Code, defineFunction, type Local, type WasmFunction } from "../wasm/assemble.ts";
import { countUp, f32, f32x4, i32, move, unless } from "../wasm/instructions.ts";
import { BYTES } from "./recurrence_memory.ts";

const QUAD = 4 * BYTES;

/** `linear(outputs, matrix, inputs, rows, columns)`: adds the products of the rows with the inputs to the outputs. `columns` is a multiple of 4. */
export function linearKernel(): WasmFunction {
  return defineFunction(
    "linear",
    ["i32", "i32", "i32", "i32", "i32"],
    (newLocal, outputs, matrix, inputs, rows, columns) => {
      const [row, input, sum] = [newLocal("i32"), newLocal("i32"), newLocal("v128")];
      const term = f32x4.mul(f32x4.load(matrix!.get), f32x4.load(input.get));
      const product = overNumbers(input, { from: inputs!, count: columns!, step: QUAD }, [
        ...sum.set(f32x4.add(sum.get, term)),
        ...move(matrix!, QUAD),
      ]);
      return overNumbers(row, { from: outputs!, count: rows!, step: BYTES }, [
        ...sum.set(f32x4.of(0)),
        ...product,
        ...f32.store(row.get, f32.add(f32.load(row.get), f32x4.total(sum.get))),
      ]);
    },
  );
}

/**
 * `linearBackward(slopes, matrix, gradient, inputs, inputSlopes, rows, columns)`: from the gradients of the outputs, adds to those of the
 * matrix and of the inputs.
 */
export function linearBackwardKernel(): WasmFunction {
  return defineFunction(
    "linearBackward",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (newLocal, slopes, matrix, gradient, inputs, inputSlopes, rows, columns) => {
      const [row, input, slope] = [newLocal("i32"), newLocal("i32"), newLocal("v128")];
      // Reached from the same place: one number less to count.
      const inputSlope = i32.add(input.get, i32.sub(inputSlopes!.get, inputs!.get));
      const add = (to: Code, numbers: Code): Code =>
        f32x4.store(to, f32x4.add(f32x4.load(to), f32x4.mul(slope.get, numbers)));
      const rowBytes = i32.mul(columns!.get, i32.of(BYTES));
      return overNumbers(row, { from: slopes!, count: rows!, step: BYTES }, [
        ...unless(f32.isZero(f32.load(row.get)), [
          ...slope.set(f32x4.loadSplat(row.get)),
          ...overNumbers(input, { from: inputs!, count: columns!, step: QUAD }, [
            ...add(gradient!.get, f32x4.load(input.get)),
            ...add(inputSlope, f32x4.load(matrix!.get)),
            ...move(gradient!, QUAD),
            ...move(matrix!, QUAD),
          ]),
          // Back to the beginning of the row, which is left behind whether it counted or not.
          ...gradient!.set(i32.sub(gradient!.get, rowBytes)),
          ...matrix!.set(i32.sub(matrix!.get, rowBytes)),
        ]),
        ...gradient!.set(i32.add(gradient!.get, rowBytes)),
        ...matrix!.set(i32.add(matrix!.get, rowBytes)),
      ]);
    },
  );
}

/** Does `body` for each place of so many numbers, some of them at a time. */
function overNumbers(
  place: Local,
  { from, count, step }: { readonly from: Local; readonly count: Local; readonly step: number },
  body: Code,
): Code {
  const end = i32.add(from.get, i32.mul(count.get, i32.of(BYTES)));
  return countUp(place, { from: from.get, end, step, body });
}
