import type { Tensor } from "../../../pipeline/tensor.ts";
import { bytesOf } from "../element_type.ts";
import { elementCount } from "../shape.ts";

/** How far the texts of a batch are filled up. */
export interface Padding {
  /** Positions of each row. */
  readonly length: number;
  /** Of each example, the positions that its mask shows. */
  readonly ends: readonly number[];
}

/** What an output has of each example: a row for each position, or the same however long the text is. */
export type Layout = "positions" | "whole";

type Tensors = Readonly<Record<string, Tensor>>;

const MASK = /(?:^|_)mask$/;

/** From the mask among a batch's tensors; `undefined` if there is none, or one that shows anything but the beginning of each row. */
export function paddingOf(batch: Tensors): Padding | undefined {
  const mask = maskOf(batch);
  if (mask === undefined) return undefined;
  const [examples, length] = mask.shape as [number, number];
  const ends: number[] = [];
  for (let row = 0; row < examples; row++) {
    const shown = Array.from(mask.data.subarray(row * length, (row + 1) * length), Number);
    const end = shown.indexOf(0) === -1 ? length : shown.indexOf(0);
    if (end === 0 || shown.some((item, at) => item !== (at < end ? 1 : 0))) return undefined;
    ends.push(end);
  }
  return { length, ends };
}

function maskOf(batch: Tensors): Tensor | undefined {
  return Object.entries(batch).find(([name, { type, shape }]) =>
    MASK.test(name) && type !== "float32" && shape.length === 2
  )?.[1];
}

/** Positions of each row, if the batch has a mask. */
export function maskedLength(batch: Tensors): number | undefined {
  return maskOf(batch)?.shape[1];
}

/** Shapes of the same batch with one position less; `undefined` if that cannot be. */
export function shorterShapes(batch: Tensors): ReadonlyMap<string, readonly number[]> | undefined {
  const length = maskedLength(batch);
  if (length === undefined || length < 2) return undefined;
  return new Map(
    Object.entries(batch).map(([name, { shape }]) => [
      name,
      isByPosition(shape, length) ? shape.with(1, length - 1) : shape,
    ]),
  );
}

function isByPosition(shape: readonly number[], length: number): boolean {
  return shape.length >= 2 && shape[1] === length;
}

/** From an output's shape with all positions and with one less; `undefined` if they are spread over it in another way. */
export function layoutOf(
  shape: readonly number[],
  shorter: readonly number[],
  length: number,
): Layout | undefined {
  const changed = [...shape.keys()].filter((axis) => shape[axis] !== shorter[axis]);
  if (shape.length !== shorter.length || changed.length > 1) return undefined;
  const [axis] = changed;
  if (axis === undefined) return "whole";
  const isCut = axis <= 1 && shape[axis]! * (length - 1) === shorter[axis]! * length;
  return isCut && (axis === 0 || shape[1] === length) ? "positions" : undefined;
}

/** One example's tensors as bytes, with names and shapes; without what the mask hides. */
export function exampleParts(batch: Tensors, row: number, padding?: Padding): Uint8Array[] {
  return Object.keys(batch).sort().flatMap((name) => {
    const { type, shape, data } = batch[name]!;
    const size = elementCount(shape.slice(1));
    const isCut = padding !== undefined && isByPosition(shape, padding.length);
    const [length, end] = isCut ? [padding.length, padding.ends[row]!] : [1, 1];
    const cut = isCut ? ["filled up", end, ...shape.slice(2)] : shape.slice(1);
    return [
      new TextEncoder().encode(JSON.stringify([name, type, cut])),
      bytesOf(data.subarray(row * size, row * size + end * size / length)),
    ];
  });
}

/** One example alone, as often as there are in the batch, without what the mask hides. */
export function withoutPadding(batch: Tensors, row: number, padding: Padding): Tensors {
  const end = padding.ends[row]!;
  return Object.fromEntries(
    Object.entries(batch).map(([name, { type, shape, data }]) => {
      const size = elementCount(shape.slice(1));
      const isCut = isByPosition(shape, padding.length);
      const part = data.subarray(
        row * size,
        row * size + (isCut ? end * size / padding.length : size),
      );
      const Elements = data.constructor as new (length: number) => typeof data;
      const copies = new Elements(shape[0]! * part.length);
      for (let i = 0; i < shape[0]!; i++) copies.set(part as never, i * part.length);
      return [name, { type, shape: isCut ? shape.with(1, end) : shape, data: copies } as Tensor];
    }),
  );
}

/** Fills hidden positions with what the first holds: numbers like the others. @param example Of `positions` rows. */
export function fillUp(example: Float32Array, positions: number, end: number): void {
  const width = example.length / positions;
  for (let at = end; at < positions; at++) example.copyWithin(at * width, 0, width);
}
