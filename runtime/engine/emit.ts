import { ExplainedError } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import { elementsOf, isFloating, numbersOf } from "./element_type.ts";
import { constant, graphNode, int, integers, ints, type Value, type ValueType } from "./graph.ts";
import type { OnnxAttributes } from "./onnx/onnx_model.ts";
import type { Operator, OperatorCall, Operators } from "./operator.ts";
import { broadcastAxes, elementCount, sameShape, type Shape } from "./shape.ts";

/** Constants of more elements than this are left to the device. */
const FOLDED_ELEMENTS = 1 << 16;

/** Real constants are only folded while they are small: large ones are weights. */
const FOLDED_REALS = 64;

/** Makes graph nodes: shapes are inferred and constants are folded on the way. */
export interface Emit {
  /** First output of a new node. */
  apply(op: string, inputs: readonly (Value | undefined)[], attributes?: OnnxAttributes): Value;
  /** All outputs of a new node. */
  applyAll(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes?: OnnxAttributes,
    name?: string,
  ): readonly Value[];
  add(a: Value, b: Value): Value;
  sub(a: Value, b: Value): Value;
  mul(a: Value, b: Value): Value;
  div(a: Value, b: Value): Value;
  neg(a: Value): Value;
  /** A scalar of the same type as `like`. */
  scalar(like: Value, number: number): Value;
  /** A tensor of one number, with type and shape of `like`. */
  filled(like: ValueType, number: number): Value;
  reshape(value: Value, shape: Shape): Value;
  transpose(value: Value, permutation: readonly number[]): Value;
  /** Stretches `value` to a shape. */
  expand(value: Value, shape: Shape): Value;
  /** Sum over axes; the axes stay with length 1 if `keep`. */
  sum(value: Value, axes: readonly number[], keep: boolean): Value;
  /** Undoes a broadcast in a gradient: sums over the axes along which a value of `shape` was repeated. */
  sumTo(value: Value, shape: Shape): Value;
}

/** Operators that are written as others; `undefined` for a use of one that has rules of its own. */
export type Composites = Readonly<
  Record<string, (g: Emit, call: OperatorCall) => readonly Value[] | undefined>
>;

/** An emitter over tables of operators. */
export function createEmit(operators: Operators, composites: Composites): Emit {
  const applyAll: Emit["applyAll"] = (op, inputs, attributes = {}, name = "") => {
    const expand = Object.hasOwn(composites, op) ? composites[op] : undefined;
    const expanded = expand &&
      explained({ inputs, attributes }, op, name, (call) => expand(emit, call));
    if (expanded !== undefined) return expanded;
    const operator = findOperator({ operators, composites }, op, name);
    const types = explained({ inputs, attributes }, op, name, (call) => inferred(operator, call));
    const folded = explained(
      { inputs, attributes },
      op,
      name,
      (call) => fold(operator, call, types),
    );
    if (folded !== undefined) return folded;
    return graphNode(
      { name, op, inputs: Object.freeze([...inputs]), attributes },
      types,
    ).outputs;
  };
  const apply: Emit["apply"] = (op, inputs, attributes) => applyAll(op, inputs, attributes)[0]!;
  const emit: Emit = {
    apply,
    applyAll,
    add: (a, b) => apply("Add", [a, b]),
    sub: (a, b) => apply("Sub", [a, b]),
    mul: (a, b) => apply("Mul", [a, b]),
    div: (a, b) => apply("Div", [a, b]),
    neg: (a) => apply("Neg", [a]),
    scalar: (like, number) => constant(like.type, [], [number]),
    filled: ({ type, shape }, number) =>
      elementCount(shape) <= FOLDED_REALS
        ? constant(type, shape, new Float64Array(elementCount(shape)).fill(number))
        : apply("Expand", [constant(type, [], [number]), integers(shape)]),
    reshape: (value, shape) =>
      sameShape(value.shape, shape) ? value : apply("Reshape", [value, integers(shape)]),
    transpose: (value, permutation) =>
      permutation.every((from, to) => from === to)
        ? value
        : apply("Transpose", [value], { perm: ints(permutation) }),
    expand: (value, shape) =>
      sameShape(value.shape, shape) ? value : apply("Expand", [value, integers(shape)]),
    sum: (value, axes, keep) =>
      axes.length === 0 ? value : apply("ReduceSum", [value, integers(axes)], {
        keepdims: int(keep ? 1 : 0),
      }),
    sumTo: (value, shape) =>
      emit.reshape(emit.sum(value, broadcastAxes(shape, value.shape), false), shape),
  };
  return emit;
}

/** Elements that no tensor has more of: a damaged file may speak of any number. */
const MOST_ELEMENTS = 2 ** 31;

function inferred(operator: Operator, call: OperatorCall): readonly ValueType[] {
  const types = operator.infer(call);
  for (const { shape } of types) {
    if (shape.some((length) => !Number.isSafeInteger(length) || length < 0)) {
      throw new RangeError(`[${shape}] is no shape`);
    }
    if (elementCount(shape) > MOST_ELEMENTS) throw new RangeError(`[${shape}] is too large`);
  }
  return types;
}

function findOperator(
  { operators, composites }: { operators: Operators; composites: Composites },
  op: string,
  name: string,
): Operator {
  const operator = Object.hasOwn(operators, op) ? operators[op] : undefined;
  if (operator !== undefined) return operator;
  const known = [...Object.keys(operators), ...Object.keys(composites)];
  throw new ExplainedError("engine/unknown-operator", {
    what: `Cannot use the operator "${op}"${atNode(name)}`,
    why: `${known.length} operators are known, this one is not${didYouMean(op, known)}`,
    fix: "Export the model with plain ONNX operators, or add it in runtime/engine/operators/",
  });
}

/** Runs a rule of an operator; what it throws is told with the node and the shapes of its inputs. */
function explained<T>(
  call: OperatorCall,
  op: string,
  name: string,
  rule: (call: OperatorCall) => T,
): T {
  try {
    return rule(call);
  } catch (cause) {
    if (cause instanceof ExplainedError) throw cause;
    const shapes = call.inputs.map((value) =>
      value === undefined ? "-" : `${value.type}[${value.shape}]`
    );
    throw new ExplainedError("engine/shape-mismatch", {
      what: `Cannot infer the shape of ${op}${atNode(name)}`,
      why: `its inputs are ${shapes.join(", ")}: ${cause instanceof Error ? cause.message : cause}`,
      fix: "Give inputs of the shapes that the model was made for, or repair this node",
      cause,
    });
  }
}

function atNode(name: string): string {
  return name === "" ? "" : ` at graph node "${name}"`;
}

/** The outputs as constants, if all inputs are constants and the outputs are small. */
function fold(
  operator: Operator,
  { inputs, attributes }: OperatorCall,
  types: readonly ValueType[],
): readonly Value[] | undefined {
  if (operator.evaluate === undefined) return undefined;
  const small = types.every(({ type, shape }) =>
    elementCount(shape) <= (isFloating(type) ? FOLDED_REALS : FOLDED_ELEMENTS)
  );
  if (!small) return undefined;
  const numbers = [];
  for (const value of inputs) {
    if (value === undefined) numbers.push(undefined);
    else if (operator.readsOnlyShapes) {
      numbers.push({ shape: value.shape, data: new Float64Array() });
    } else if (value.kind !== "constant" || value.data.length > FOLDED_ELEMENTS) return undefined;
    else numbers.push({ shape: value.shape, data: numbersOf(value.data) });
  }
  return operator.evaluate(numbers, attributes, types).map((data, index) => {
    const { type, shape } = types[index]!;
    return Object.freeze({ kind: "constant", type, shape, data: elementsOf(type, data) });
  });
}
