import { type Code, defineFunction, type WasmFunction } from "../wasm/assemble.ts";
import { countUp, f32, f32x4, i32, move, unless } from "../wasm/instructions.ts";
import { BYTES, PLACED, type Places } from "./recurrence_memory.ts";

/** `sum(length)`: adds up the vectors of the n-grams at each character. */
export function sumKernel({ ids, scales, vectors, sums }: Places, row: number): WasmFunction {
  return defineFunction("sum", ["i32"], (newLocal, length) => {
    const [place, to, id] = [newLocal("i32"), newLocal("i32"), newLocal("i32")];
    const grams = Array.from({ length: PLACED }, () => ({
      from: newLocal("i32"),
      scale: newLocal("v128"),
    }));
    // Row 0 is zeros: what is left out is added like the rest, without a branch.
    const look = grams.flatMap(({ from, scale }, n) => [
      ...id.set(i32.load(place.get, ids.at + n * BYTES)),
      ...from.set(i32.mul(id.get, i32.of(row * BYTES))),
      ...scale.set(f32x4.loadSplat(i32.mul(id.get, i32.of(BYTES)), scales.at)),
    ]);
    const add = quadsOf(row).flatMap((offset) => {
      const terms = grams.map(({ from, scale }) =>
        f32x4.mul(scale.get, f32x4.load(from.get, vectors.at + offset))
      );
      return f32x4.store(to.get, terms.reduce(f32x4.add), sums.at + offset);
    });
    return [
      ...to.set(i32.of(0)),
      ...overCharacters(place, length, [...look, ...add, ...move(to, row * BYTES)]),
    ];
  });
}

/** `moveVectors(length, rate)`: Adagrad on the vectors, with the mean square of a row's gradient in place of each number's own. */
export function moveKernel(
  { ids, scales, vectors, squares, sumGradients }: Places,
  row: number,
): WasmFunction {
  return defineFunction("moveVectors", ["i32", "f32"], (newLocal, length, rate) => {
    const [place, from, id] = [newLocal("i32"), newLocal("i32"), newLocal("i32")];
    const [mean, scale, all] = [newLocal("f32"), newLocal("f32"), newLocal("f32")];
    const [sum, factor] = [newLocal("v128"), newLocal("v128")];
    const slope = (offset: number): Code => f32x4.load(from.get, sumGradients.at + offset);
    const square = [
      ...sum.set(f32x4.of(0)),
      ...quadsOf(row).flatMap((offset) =>
        sum.set(f32x4.add(sum.get, f32x4.mul(slope(offset), slope(offset))))
      ),
      ...mean.set(f32.mul(f32x4.total(sum.get), f32.of(1 / row))),
    ];
    const number = i32.mul(id.get, i32.of(BYTES));
    const step = [
      ...scale.set(f32.load(number, scales.at)),
      ...all.set(
        f32.add(
          f32.load(number, squares.at),
          f32.mul(f32.mul(scale.get, scale.get), mean.get),
        ),
      ),
      ...f32.store(number, all.get, squares.at),
      ...factor.set(
        f32x4.splat(f32.div(f32.mul(rate.get, scale.get), f32.sqrt(all.get))),
      ),
      ...id.set(i32.mul(id.get, i32.of(row * BYTES))),
      ...quadsOf(row).flatMap((offset) => {
        const vector = f32x4.load(id.get, vectors.at + offset);
        const moved = f32x4.sub(vector, f32x4.mul(factor.get, slope(offset)));
        return f32x4.store(id.get, moved, vectors.at + offset);
      }),
    ];
    const each = Array.from({ length: PLACED }, (_, n) => [
      ...id.set(i32.load(place.get, ids.at + n * BYTES)),
      ...unless(i32.isZero(id.get), step),
    ]).flat();
    return [
      ...from.set(i32.of(0)),
      ...overCharacters(place, length, [...square, ...each, ...move(from, row * BYTES)]),
    ];
  });
}

/** Byte offsets of the groups of four numbers in a row. */
export function quadsOf(row: number): readonly number[] {
  return Array.from({ length: row / 4 }, (_, quad) => quad * 4 * BYTES);
}

/** @param place Counts bytes of ids. */
function overCharacters(
  place: Parameters<typeof countUp>[0],
  length: { readonly get: Code },
  body: Code,
): Code {
  const step = PLACED * BYTES;
  return countUp(place, {
    ...{ from: i32.of(0), end: i32.mul(length.get, i32.of(step)), step },
    body,
  });
}
