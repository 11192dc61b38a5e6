import { numbersOf } from "./element_type.ts";
import type { GraphNode, Value, ValueType } from "./graph.ts";
import type { OnnxAttributes } from "./onnx/onnx_model.ts";
import type { Emit } from "./emit.ts";
import type { Shape } from "./shape.ts";

/** A use of an operator, before it has outputs. */
export interface OperatorCall {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: OnnxAttributes;
}

/** What a gradient rule is given. */
export interface GradientCall extends OperatorCall {
  /** Makes more graph. */
  readonly g: Emit;
  readonly node: GraphNode;
  /** First input. */
  readonly x: Value;
  /** First output. */
  readonly y: Value;
  /** Gradient of the loss with respect to `y`; zeros when only another output counts. */
  readonly dy: Value;
  /** Gradient with respect to every output; `undefined` is zero. */
  readonly dys: readonly (Value | undefined)[];
}

/** Elements in double precision. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** What is known of an operator. Formulas are ONNX's, operator set 20. */
export interface Operator {
  /**
   * Types and shapes of all outputs.
   *
   * @throws {RangeError | TypeError} If the inputs do not fit.
   */
  infer(call: OperatorCall): readonly ValueType[];
  /**
   * dL/dx for each input, or `undefined` where there is none; absent for an operator through which nothing can be learned.
   * Only what is asked for is ever computed, so a rule may name gradients that nobody wants.
   */
  gradient?(call: GradientCall): readonly (Value | undefined)[];
  /** Set where `evaluate` looks at the shapes of its inputs only, so that it folds whatever they hold. */
  readonly readsOnlyShapes?: true;
  /** The outputs in double precision: folds constants, and is the reference that devices are tested against. */
  evaluate?(
    inputs: readonly (Numbers | undefined)[],
    attributes: OnnxAttributes,
    outputs: readonly ValueType[],
  ): readonly Float64Array[];
}

/** Operators by name. */
export type Operators = Readonly<Record<string, Operator>>;

/**
 * An input that must be there.
 *
 * @throws {TypeError} If it is left out.
 */
export function required<T>(inputs: readonly (T | undefined)[], index: number): T {
  const value = inputs[index];
  if (value === undefined) throw new TypeError(`input ${index} is missing`);
  return value;
}

/**
 * The numbers of an input that must be known before the graph runs, such as axes.
 *
 * @throws {TypeError} If it depends on the batch.
 */
export function constantNumbers(value: Value | undefined, meaning: string): number[] | undefined {
  if (value === undefined) return undefined;
  if (value.kind !== "constant") throw new TypeError(`${meaning} depends on the data`);
  return [...numbersOf(value.data)];
}

/** Picks elements by flat index. */
export function gathered(x: Numbers, indices: Int32Array): Float64Array {
  return Float64Array.from(indices, (index) => x.data[index]!);
}
