import type { Emit } from "../emit.ts";
import { constant, int, stringAttribute, type Value } from "../graph.ts";
import { type OperatorCall, required } from "../operator.ts";
import { checkWrittenOut } from "../shape.ts";
import { padsOf } from "./joining.ts";

/** Place that is repeated, of an axis of this length. */
type Source = (at: number, length: number) => number;

const modes: Readonly<Record<string, Source>> = {
  edge: (at, length) => Math.min(Math.max(at, 0), length - 1),
  reflect(at, length) {
    const period = Math.max(1, 2 * (length - 1));
    const place = ((at % period) + period) % period;
    return Math.min(place, period - place);
  },
  wrap: (at, length) => ((at % length) + length) % length,
};

/**
 * Padding that repeats what is there, as look-ups along one axis after the other.
 *
 * @returns `undefined` for padding with a number.
 * @throws {TypeError} For an unknown mode.
 */
export function padByIndex(g: Emit, call: OperatorCall): readonly Value[] | undefined {
  const mode = stringAttribute(call.attributes, "mode", "constant");
  if (mode === "constant") return undefined;
  const source = Object.hasOwn(modes, mode) ? modes[mode]! : undefined;
  if (source === undefined) throw new TypeError(`the mode "${mode}" is not understood`);
  const { before, after } = padsOf(call);
  let padded = required(call.inputs, 0);
  for (const [axis, length] of padded.shape.entries()) {
    if (before[axis] === 0 && after[axis] === 0) continue;
    const wide = before[axis]! + length + after[axis]!;
    checkWrittenOut(wide, "a padded axis");
    const places = Array.from(
      { length: wide },
      (_, i) => source(i - before[axis]!, length),
    );
    const indices = constant("int64", [places.length], places);
    padded = g.apply("Gather", [padded, indices], { axis: int(axis) });
  }
  return [padded];
}
