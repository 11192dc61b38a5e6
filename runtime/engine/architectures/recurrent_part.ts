import type { RecurrentPart } from "../../../pipeline/architecture.ts";
import { elementCount } from "../shape.ts";
import { int, ints } from "../graph.ts";
import type { OnnxGraph, OnnxTensor } from "../onnx/onnx_model.ts";
import type { ModelBuilder } from "./model_builder.ts";

/** ONNX's numbers for element types. */
const FLOAT = 1;
const BOOL = 9;

/** Features of each direction: the last state, the largest, and twice the mean. */
const FEATURES = 3;

/** Below any state that a real text can have: the places behind its end must not be the largest. */
const LOW = 1e9;

/**
 * Adds the recurrence to a model.
 *
 * @param scores Number of scores.
 * @returns The value of the scores, `[batch, scores]`.
 */
export function addRecurrentPart(
  b: ModelBuilder,
  part: RecurrentPart,
  scores: number,
): string {
  const { width, hiddenBias } = part;
  const hidden = hiddenBias.length;
  const ids = b.input("places", "int32", ["batch", "characters", 3]);
  const states = stateValues(b, ids, part);
  const directions = [0, 1].map((direction) => directionFeatures(b, states, part, direction));
  const features = b.node("Concat", "recurrent.features", directions.flat(), { axis: int(1) });
  const size = 2 * FEATURES * width;
  const linear = (name: string, x: string, shape: [number, number], data: Floats, bias: Floats) =>
    b.node("Gemm", name, [
      x,
      float(b, `${name}.weight`, shape, data),
      float(b, `${name}.bias`, [shape[0]], bias),
    ], { transB: int(1) });
  const rows = linear("recurrent.rows", features, [hidden, size], part.hiddenWeights, hiddenBias);
  const layer = b.node("Relu", "recurrent.layer", [rows]);
  const none = new Float32Array(scores);
  return b.node("Add", "recurrent.score", [
    linear("recurrent.direct", features, [scores, size], part.directWeights, none),
    linear("recurrent.output", layer, [scores, hidden], part.outputWeights, part.outputBias),
  ]);
}

type Floats = Float32Array<ArrayBuffer>;

/** Values over characters that both directions need. Characters come first: the recurrence goes over them without moving anything. */
interface StateValues {
  /** `[characters, batch, width]` */
  readonly values: string;
  readonly gates: string;
  /** 1 at a character, 0 behind the end of a text: `[characters, batch, 1]`. */
  readonly mask: string;
  /** 0 at a character, very low behind the end. */
  readonly low: string;
  /** Characters of each text, `[batch, 1]`. */
  readonly lengths: string;
  /** State before the first character: zeros `[batch, width]`. */
  readonly start: string;
}

function stateValues(b: ModelBuilder, ids: string, { width, vectors }: RecurrentPart): StateValues {
  const table = b.constant("recurrent.vectors", {
    type: "float16",
    shape: [vectors.length / (2 * width), 2 * width],
    data: Float16Array.from(vectors),
  });
  // A constant of a constant: onnxruntime computes it once, when it loads the model.
  const grams = b.node("Cast", "recurrent.grams", [table], { to: int(FLOAT) });
  const turned = b.node("Transpose", "recurrent.turned", [ids], { perm: ints([1, 0, 2]) });
  const byLength = [0, 1, 2].map((n) =>
    b.node("Gather", `recurrent.ids.${n}`, [turned, index(b, n)], { axis: int(2) })
  );
  const [one, two, three] = byLength.map((each, n) =>
    b.node("Gather", `recurrent.vectors.${n}`, [grams, each], { axis: int(0) })
  ) as [string, string, string];
  const pairs = b.node("Add", "recurrent.pairs", [one, two]);
  const sums = b.node("Add", "recurrent.sums", [pairs, three]);
  const isText = b.node("Cast", "recurrent.is_text", [byLength[0]!], { to: int(BOOL) });
  const flat = b.node("Cast", "recurrent.mask_of_text", [isText], { to: int(FLOAT) });
  const mask = b.node("Unsqueeze", "recurrent.mask", [flat, whole(b, 2)]);
  const absent = b.node("Sub", "recurrent.absent", [mask, float(b, "recurrent.one", [], [1])]);
  const batch = slice(b, "recurrent.batch", b.node("Shape", "recurrent.shape", [ids]), {
    ...{ axis: 0, start: 0, end: 1 },
  });
  const shape = b.node("Concat", "recurrent.start_shape", [batch, whole(b, width)], {
    axis: int(0),
  });
  return {
    values: slice(b, "recurrent.values", sums, { axis: 2, start: 0, end: width }),
    gates: slice(b, "recurrent.gates", sums, { axis: 2, start: width, end: 2 * width }),
    mask,
    low: b.node("Mul", "recurrent.low", [absent, float(b, "recurrent.depth", [], [LOW])]),
    lengths: b.node("ReduceSum", "recurrent.lengths", [mask, whole(b, 0)], { keepdims: int(0) }),
    start: b.node("ConstantOfShape", "recurrent.start", [shape]),
  };
}

/** Last, largest and mean state of one direction. Behind the end of a text the state stays as it is. */
function directionFeatures(
  b: ModelBuilder,
  { values, gates, mask, low, lengths, start }: StateValues,
  { width, gateScale, gateShift }: RecurrentPart,
  direction: number,
): readonly string[] {
  const name = (what: string) => `recurrent.${direction === 0 ? "forward" : "backward"}.${what}`;
  const part = (what: string, data: Floats) =>
    float(b, name(what), [width], data.slice(direction * width, (direction + 1) * width));
  const scaled = b.node("Mul", name("scaled"), [gates, part("scale", gateScale)]);
  const sign = b.node("Softsign", name("sign"), [
    b.node("Add", name("gate"), [scaled, part("shift", gateShift)]),
  ]);
  // 1 - f = 0.5 - 0.5 softsign: how far the state follows the character.
  const half = float(b, name("half"), [], [0.5]);
  const follows = b.node("Sub", name("follows"), [
    half,
    b.node("Mul", name("half_sign"), [sign, half]),
  ]);
  const open = b.node("Mul", name("open"), [follows, mask]);
  const kept = b.node("Sub", name("kept"), [float(b, name("one"), [], [1]), open]);
  const added = b.node("Mul", name("added"), [open, values]);
  const [last, all] = b.nodes("Scan", [name("last"), name("states")], [start, kept, added], {
    body: { kind: "graph", value: recurrence(width) },
    num_scan_inputs: int(2),
    scan_input_directions: ints([direction, direction]),
    scan_output_directions: ints([direction]),
  }) as [string, string];
  const lowered = b.node("Add", name("lowered"), [all, low]);
  const largest = b.node("ReduceMax", name("largest"), [lowered, whole(b, 0)], {
    keepdims: int(0),
  });
  const sum = b.node("ReduceSum", name("sum"), [
    b.node("Mul", name("held"), [all, mask]),
    whole(b, 0),
  ], { keepdims: int(0) });
  const mean = b.node("Div", name("mean"), [sum, lengths]);
  const twice = b.node("Mul", name("twice"), [mean, float(b, name("two"), [], [2])]);
  return [last, largest, twice];
}

/** c = kept c' + added, for one character. */
function recurrence(width: number): OnnxGraph {
  const shape = ["batch", width];
  const value = (name: string) => ({ name, type: "float32", shape }) as const;
  const node = (op: string, name: string, inputs: readonly string[]) => ({
    ...{ name, op, domain: "", inputs, outputs: [name], attributes: {} },
  });
  return {
    name: "recurrence",
    nodes: [
      node("Mul", "product", ["kept", "before"]),
      node("Add", "after", ["product", "added"]),
      node("Identity", "state", ["after"]),
    ],
    initializers: new Map(),
    inputs: [value("before"), value("kept"), value("added")],
    outputs: [value("after"), value("state")],
  };
}

function float(
  b: ModelBuilder,
  name: string,
  shape: readonly number[],
  data: Iterable<number>,
): string {
  const tensor: OnnxTensor = { type: "float32", shape, data: Float32Array.from(data) };
  if (tensor.data.length !== elementCount(shape)) throw new RangeError(`${name} is not [${shape}]`);
  return b.constant(name, tensor);
}

/** One whole number, no list. */
function index(b: ModelBuilder, value: number): string {
  return b.constant(`recurrent.index.${value}`, {
    type: "int64",
    shape: [],
    data: BigInt64Array.of(BigInt(value)),
  });
}

/** A list of one whole number. */
function whole(b: ModelBuilder, value: number): string {
  return b.constant(`recurrent.whole.${value}`, {
    type: "int64",
    shape: [1],
    data: BigInt64Array.of(BigInt(value)),
  });
}

function slice(
  b: ModelBuilder,
  name: string,
  from: string,
  { axis, start, end }: { readonly axis: number; readonly start: number; readonly end: number },
): string {
  return b.node("Slice", name, [from, whole(b, start), whole(b, end), whole(b, axis)]);
}
