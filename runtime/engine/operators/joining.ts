import type { Emit } from "../emit.ts";
import { constant, int, integers, numberAttribute, type Value } from "../graph.ts";
import {
  constantNumbers,
  gathered,
  type Operator,
  type OperatorCall,
  type Operators,
  required,
} from "../operator.ts";
import { elementCount, resolveAxis, type Shape, stridedIndices, stridesOf } from "../shape.ts";

const concat: Operator = {
  infer: ({ inputs, attributes }) => {
    const { type, shape } = required(inputs, 0);
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), shape.length);
    const shapes = inputs.map((_, i) => required(inputs, i).shape);
    for (const other of shapes) {
      if (
        other.length !== shape.length ||
        other.some((length, i) => i !== axis && length !== shape[i])
      ) {
        throw new RangeError(`[${other}] and [${shape}] differ beside axis ${axis}`);
      }
    }
    return [{
      type,
      shape: shape.with(axis, shapes.reduce((sum, other) => sum + other[axis]!, 0)),
    }];
  },
  gradient: ({ g, inputs, y, dy, attributes }) => {
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), y.shape.length);
    let start = 0;
    return inputs.map((x) => {
      const end = start + x!.shape[axis]!;
      const part = g.apply("Slice", [dy, integers([start]), integers([end]), integers([axis])]);
      start = end;
      return part;
    });
  },
  evaluate: (inputs, attributes, [y]) => {
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), y!.shape.length);
    const inner = elementCount(y!.shape.slice(axis + 1));
    const outer = elementCount(y!.shape.slice(0, axis));
    const result: number[] = [];
    for (let i = 0; i < outer; i++) {
      for (const x of inputs) {
        const run = x!.shape[axis]! * inner;
        for (let k = 0; k < run; k++) result.push(x!.data[i * run + k]!);
      }
    }
    return [Float64Array.from(result)];
  },
};

/** Lengths of the parts of a Split along its axis. */
function splitLengths({ inputs, attributes }: OperatorCall): { axis: number; lengths: number[] } {
  const { shape } = required(inputs, 0);
  const axis = resolveAxis(numberAttribute(attributes, "axis", 0), shape.length);
  const given = constantNumbers(inputs[1], "the lengths of the parts");
  const parts = numberAttribute(attributes, "num_outputs", 0);
  if (given === undefined && !(parts >= 1 && parts <= shape[axis]!)) {
    throw new RangeError(`${shape[axis]} elements cannot be split into ${parts} parts`);
  }
  const each = Math.ceil(shape[axis]! / parts);
  const lengths = given ??
    Array.from({ length: parts }, (_, i) => Math.min(each, shape[axis]! - i * each));
  if (
    lengths.reduce((sum, length) => sum + length, 0) !== shape[axis] ||
    lengths.some((length) => length < 0)
  ) {
    throw new RangeError(`parts of ${lengths} do not make up ${shape[axis]}`);
  }
  return { axis, lengths };
}

const split: Operator = {
  infer: (call) => {
    const { type, shape } = required(call.inputs, 0);
    const { axis, lengths } = splitLengths(call);
    return lengths.map((length) => ({ type, shape: shape.with(axis, length) }));
  },
  gradient: ({ g, node, dys, inputs, attributes }) => {
    const { axis } = splitLengths({ inputs, attributes });
    const parts = node.outputs.map((output, i) => dys[i] ?? g.filled(output, 0));
    return [parts.length === 1 ? parts[0] : g.apply("Concat", parts, { axis: int(axis) })];
  },
  evaluate: ([x], attributes, outputs) => {
    const axis = resolveAxis(numberAttribute(attributes, "axis", 0), x!.shape.length);
    const strides = stridesOf(x!.shape);
    let start = 0;
    return outputs.map(({ shape }) => {
      const part = gathered(x!, stridedIndices(shape, strides, start * strides[axis]!));
      start += shape[axis]!;
      return part;
    });
  },
};

/** Start and step along each axis of a Slice, with a shape: of what is cut, or of what it is cut from. */
export interface Cut {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly shape: Shape;
}

function cutOf(shape: Shape, rows: readonly (readonly number[] | undefined)[]): Cut {
  const [from, to, given, by] = rows;
  const axes = (given ?? from!.map((_, i) => i)).map((axis) => resolveAxis(axis, shape.length));
  const starts = shape.map(() => 0);
  const steps = shape.map(() => 1);
  const lengths = [...shape];
  axes.forEach((axis, i) => {
    const length = shape[axis]!;
    const step = by?.[i] ?? 1;
    if (step === 0) throw new RangeError("a step of 0");
    const clamp = (at: number, low: number, high: number): number =>
      Math.min(high, Math.max(low, at < 0 ? at + length : at));
    const start = step > 0 ? clamp(from![i]!, 0, length) : clamp(from![i]!, 0, length - 1);
    const end = step > 0 ? clamp(to![i]!, 0, length) : clamp(to![i]!, -1, length - 1);
    starts[axis] = start;
    steps[axis] = step;
    lengths[axis] = Math.max(0, Math.ceil((end - start) / step));
  });
  return { starts, steps, shape: lengths };
}

/** What a Slice cuts. @param inputs The inputs of the Slice. */
export function sliceCut(inputs: readonly (Value | undefined)[]): Cut {
  return cutOf(
    required(inputs, 0).shape,
    [1, 2, 3, 4].map((i) => constantNumbers(inputs[i], "the place to cut")),
  );
}

const slice: Operator = {
  infer: ({ inputs }) => [{ type: required(inputs, 0).type, shape: sliceCut(inputs).shape }],
  gradient: ({ g, inputs, x, dy }) => {
    const { starts, steps } = sliceCut(inputs);
    return [placeSlice(g, dy, { starts, steps, shape: x.shape })];
  },
  evaluate: ([x, ...rows]) => {
    const { starts, steps, shape } = cutOf(x!.shape, rows.map((row) => row && [...row.data]));
    const strides = stridesOf(x!.shape);
    const start = starts.reduce((sum, at, axis) => sum + at * strides[axis]!, 0);
    return [
      gathered(x!, stridedIndices(shape, steps.map((step, axis) => step * strides[axis]!), start)),
    ];
  },
};

/** Zeros of `shape` in which `part` stands where a Slice with these starts and steps would have cut it out. */
export function placeSlice(g: Emit, part: Value, { starts, steps, shape }: Cut): Value {
  const axes = [...shape.keys()];
  const backwards = axes.filter((axis) => steps[axis]! < 0);
  const lowest = axes.map((axis) =>
    steps[axis]! > 0 ? starts[axis]! : starts[axis]! + steps[axis]! * (part.shape[axis]! - 1)
  );
  let placed = backwards.length === 0 ? part : reverse(g, part, backwards);
  for (const axis of axes) {
    if (Math.abs(steps[axis]!) > 1) placed = spaced(g, placed, axis, Math.abs(steps[axis]!));
  }
  const after = axes.map((axis) => shape[axis]! - lowest[axis]! - placed.shape[axis]!);
  const pads = [...lowest, ...after];
  return pads.every((pad) => pad === 0) ? placed : g.apply("Pad", [placed, integers(pads)]);
}

function reverse({ apply }: Emit, value: Value, axes: readonly number[]): Value {
  const all = (number: number): Value => integers(axes.map(() => number));
  return apply("Slice", [value, all(-1), all(Number.MIN_SAFE_INTEGER), integers(axes), all(-1)]);
}

/** Puts `step - 1` zeros between neighbours along an axis. */
function spaced(g: Emit, value: Value, axis: number, step: number): Value {
  const length = value.shape[axis]!;
  const unfolded = g.reshape(value, value.shape.toSpliced(axis + 1, 0, 1));
  const pads = unfolded.shape.map((_, i) => i === axis + 1 ? step - 1 : 0);
  const padded = g.apply("Pad", [unfolded, integers([...pads.map(() => 0), ...pads])]);
  const flat = g.reshape(padded, value.shape.with(axis, length * step));
  const end = (length - 1) * step + 1;
  return g.apply("Slice", [flat, integers([0]), integers([end]), integers([axis])]);
}

/** Zeros (or another number) before and behind each axis; a negative pad cuts. */
export function padsOf(call: OperatorCall): { before: number[]; after: number[] } {
  const { shape } = required(call.inputs, 0);
  const pads = constantNumbers(required(call.inputs, 1), "the padding")!;
  const axes = (constantNumbers(call.inputs[3], "the list of axes") ?? shape.map((_, axis) => axis))
    .map((axis) => resolveAxis(axis, shape.length));
  if (pads.length !== 2 * axes.length) {
    throw new RangeError(`${pads.length} pads for ${axes.length} axes`);
  }
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  axes.forEach((axis, i) => {
    before[axis] = pads[i]!;
    after[axis] = pads[i + axes.length]!;
  });
  return { before, after };
}

const pad: Operator = {
  infer: (call) => {
    const { type, shape } = required(call.inputs, 0);
    const { before, after } = padsOf(call);
    return [{ type, shape: shape.map((length, axis) => before[axis]! + length + after[axis]!) }];
  },
  gradient: (call) => { // cut off what was added, put zeros where something was cut
    const { g, x, dy } = call;
    const { before, after } = padsOf(call);
    const starts = before.map((length) => Math.max(length, 0));
    const ends = dy.shape.map((length, axis) => length - Math.max(after[axis]!, 0));
    const kept = g.apply("Slice", [
      dy,
      integers(starts),
      integers(ends),
      integers(x.shape.map((_, axis) => axis)),
    ]);
    const missing = [...before, ...after].map((length) => Math.max(-length, 0));
    return [
      missing.every((length) => length === 0) ? kept : g.apply("Pad", [kept, integers(missing)]),
    ];
  },
  evaluate: ([x, pads, fill, axes], attributes, [y]) => {
    const given = [x, pads, fill, axes].map((row) =>
      row && constant("float64", row.shape, row.data)
    );
    const { before } = padsOf({ inputs: given, attributes });
    const result = new Float64Array(elementCount(y!.shape)).fill(fill?.data[0] ?? 0);
    const strides = stridesOf(y!.shape);
    const kept = x!.shape.map((length, axis) =>
      Math.min(length, length + before[axis]!, y!.shape[axis]!)
    );
    const cut = before.map((length) => Math.max(-length, 0));
    const from = stridesOf(x!.shape);
    const overlap = kept.map((length, axis) =>
      Math.min(length, y!.shape[axis]! - Math.max(before[axis]!, 0))
    );
    const sources = stridedIndices(
      overlap,
      from,
      cut.reduce((sum, at, axis) => sum + at * from[axis]!, 0),
    );
    const targets = stridedIndices(
      overlap,
      strides,
      before.reduce((sum, length, axis) => sum + Math.max(length, 0) * strides[axis]!, 0),
    );
    targets.forEach((target, i) => result[target] = x!.data[sources[i]!]!);
    return [result];
  },
};

/** Operators that cut tensors and put them together. */
export const joining: Operators = { Concat: concat, Split: split, Slice: slice, Pad: pad };
