/**
 * Refuses what is written out number by number, if there are too many numbers: a damaged file may speak of any.
 *
 * @throws {RangeError}
 */
export function checkWrittenOut(numbers: number, what: string): void {
  if (numbers <= MOST_WRITTEN_OUT) return;
  throw new RangeError(`${what} has ${numbers} elements, and at most ${MOST_WRITTEN_OUT} can be`);
}

const MOST_WRITTEN_OUT = 2 ** 24;

/** Lengths of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements of a tensor. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Distance in elements between neighbours along each axis, row-major. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

/**
 * An axis counted from the front.
 *
 * @throws {RangeError} If there is no such axis.
 */
export function resolveAxis(axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(resolved) || resolved < 0 || resolved >= Math.max(rank, 1)) {
    throw new RangeError(`axis ${axis} does not exist in a tensor of ${rank} axes`);
  }
  return resolved;
}

/**
 * The shape that shapes stretch to when combined element by element, as NumPy and ONNX do it.
 *
 * @throws {RangeError} If two lengths differ and neither is 1.
 */
export function broadcastShapes(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result = 1;
    for (const shape of shapes) {
      const length = shape[axis - rank + shape.length] ?? 1;
      if (length === 1) continue;
      if (result !== 1 && result !== length) {
        throw new RangeError(
          `shapes ${shapes.map((s) => `[${s}]`).join(" and ")} do not fit together`,
        );
      }
      result = length;
    }
    return result;
  });
}

/** Axes of `wide` along which a tensor of shape `narrow` was repeated by broadcasting. */
export function broadcastAxes(narrow: Shape, wide: Shape): number[] {
  const added = wide.length - narrow.length;
  return wide.flatMap((length, axis) =>
    axis < added || (narrow[axis - added] === 1 && length !== 1) ? [axis] : []
  );
}

/** For each element of `wide` (row-major), the index of the element of `narrow` that broadcasting puts there. */
export function broadcastIndices(narrow: Shape, wide: Shape): Int32Array {
  const added = wide.length - narrow.length;
  const strides = stridesOf(narrow);
  const steps = wide.map((_, axis) =>
    axis < added || narrow[axis - added] === 1 ? 0 : strides[axis - added]!
  );
  return stridedIndices(wide, steps, 0);
}

/** `start + sum(coordinate * step)` for each coordinate of `shape` in row-major order. */
export function stridedIndices(shape: Shape, steps: readonly number[], start: number): Int32Array {
  const indices = new Int32Array(elementCount(shape));
  const coordinate = new Array<number>(shape.length).fill(0);
  let index = start;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += steps[axis]!;
      if (++coordinate[axis]! < shape[axis]!) break;
      index -= steps[axis]! * shape[axis]!;
      coordinate[axis] = 0;
    }
  }
  return indices;
}
