import { intsAttribute, numberAttribute, stringAttribute } from "../graph.ts";
import type { OnnxAttributes } from "../onnx/onnx_model.ts";
import { elementCount, type Shape } from "../shape.ts";

/** How a kernel slides over the spatial axes of `[batch, channels, ...]`. */
export interface Sliding {
  readonly kernel: Shape;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Zeros before and behind each axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Places of the kernel along each axis. */
  readonly output: Shape;
}

/**
 * Reads strides, pads (or `auto_pad`) and dilations.
 *
 * @param spatial Lengths of the axes that the kernel slides along.
 */
export function slidingOf(attributes: OnnxAttributes, spatial: Shape, kernel: Shape): Sliding {
  const strides = intsAttribute(attributes, "strides") ?? kernel.map(() => 1);
  const dilations = intsAttribute(attributes, "dilations") ?? kernel.map(() => 1);
  for (const [name, numbers] of Object.entries({ kernel, strides, dilations })) {
    checkNumbers(name, numbers, { count: spatial.length, least: 1 });
  }
  const reach = kernel.map((length, i) => (length - 1) * dilations[i]! + 1);
  const [before, given] = padding(attributes, { spatial, strides, reach });
  checkNumbers("pads", [...before, ...given], { count: 2 * spatial.length, least: -Infinity });
  const round = numberAttribute(attributes, "ceil_mode", 0) ? Math.ceil : Math.floor;
  const output = spatial.map((length, i) => {
    const room = length + before[i]! + given[i]! - reach[i]!;
    const places = round(room / strides[i]!) + 1;
    // A window that would start in the padding behind is left out, as PyTorch has it.
    return round === Math.ceil && (places - 1) * strides[i]! >= length + before[i]!
      ? places - 1
      : places;
  });
  if (output.some((places) => places < 1)) {
    throw new RangeError(`a kernel of [${kernel}] does not fit into [${spatial}]`);
  }
  const after = spatial.map((length, i) =>
    Math.max(given[i]!, (output[i]! - 1) * strides[i]! + reach[i]! - length - before[i]!)
  );
  return { kernel, strides, dilations, before, after, output };
}

function checkNumbers(
  name: string,
  numbers: readonly number[],
  { count, least }: { readonly count: number; readonly least: number },
): void {
  const fit = numbers.length === count &&
    numbers.every((each) => Number.isSafeInteger(each) && each >= least);
  if (!fit) throw new RangeError(`${name} must be ${count} whole numbers, and are [${numbers}]`);
}

function padding(
  attributes: OnnxAttributes,
  { spatial, strides, reach }: { spatial: Shape; strides: readonly number[]; reach: Shape },
): [readonly number[], readonly number[]] {
  const mode = stringAttribute(attributes, "auto_pad", "NOTSET");
  if (mode === "SAME_UPPER" || mode === "SAME_LOWER") {
    const total = spatial.map((length, i) =>
      Math.max(0, (Math.ceil(length / strides[i]!) - 1) * strides[i]! + reach[i]! - length)
    );
    const less = total.map((pad) => Math.floor(pad / 2));
    const more = total.map((pad) => Math.ceil(pad / 2));
    return mode === "SAME_UPPER" ? [less, more] : [more, less];
  }
  const pads = intsAttribute(attributes, "pads") ?? [...spatial, ...spatial].map(() => 0);
  return [pads.slice(0, spatial.length), pads.slice(spatial.length)];
}

/** Every coordinate of a box, in row-major order. */
export function coordinatesOf(box: Shape): number[][] {
  return Array.from({ length: elementCount(box) }, (_, flat) => {
    const coordinate = new Array<number>(box.length);
    let rest = flat;
    for (let axis = box.length - 1; axis >= 0; axis--) {
      coordinate[axis] = rest % box[axis]!;
      rest = Math.floor(rest / box[axis]!);
    }
    return coordinate;
  });
}

/** For each place of the kernel, the flat spatial index under each of its elements; -1 is padding. */
export function windowsOf(sliding: Sliding, spatial: Shape): Int32Array[] {
  const elements = coordinatesOf(sliding.kernel);
  return coordinatesOf(sliding.output).map((place) =>
    Int32Array.from(elements, (element) => {
      let index = 0;
      for (let axis = 0; axis < spatial.length; axis++) {
        const at = place[axis]! * sliding.strides[axis]! +
          element[axis]! * sliding.dilations[axis]! -
          sliding.before[axis]!;
        if (at < 0 || at >= spatial[axis]!) return -1;
        index = index * spatial[axis]! + at;
      }
      return index;
    })
  );
}
