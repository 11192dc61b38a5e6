import type { Emit } from "../emit.ts";
import {
  type GraphNode,
  type Input,
  input,
  type Result,
  topologicalOrder,
  type Value,
} from "../graph.ts";
import { rewriteGraph } from "../rewrite_graph.ts";

/** A graph of which what never changes for an example was taken out. */
export interface FrozenPart {
  /** The given values, over inputs that hold what the frozen part computes. */
  readonly values: readonly Value[];
  /** What the frozen part computes for each of these inputs. */
  readonly computed: ReadonlyMap<Input, Result>;
}

/** What a graph depends on. */
export interface FrozenLeaves {
  /** Inputs that hold the batch. */
  readonly batch: ReadonlySet<Value>;
  /** Inputs that differ from iteration to iteration for one and the same example: weights that train, dropout masks, targets. */
  readonly changing: ReadonlySet<Value>;
  /** Examples of the batch. */
  readonly examples: number;
}

/** Operators that take long enough for their outcome to be kept. */
const HEAVY = new Set(["Gemm", "MatMul", "Conv"]);

/** Operators that only move numbers. */
const MOVES = new Set(["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Identity"]);

/** Those, and operators that leave numbers out. */
const PICKS = new Set([...MOVES, "Gather", "Slice"]);

/** Takes out what depends on the batch, but on nothing that changes, and takes long; each example must have rows of its own in it. */
export function takeFrozenPart(
  g: Emit,
  values: readonly Value[],
  { batch, changing, examples }: FrozenLeaves,
): FrozenPart {
  const order = topologicalOrder(values);
  const ofBatch = dependentNodes(order, (value) => batch.has(value));
  const ofChanging = dependentNodes(order, (value) => changing.has(value));
  const isFrozen = (node: GraphNode): boolean => ofBatch.has(node) && !ofChanging.has(node);
  const heavy = dependentNodes(order, () => false, (node) => HEAVY.has(node.op) && isFrozen(node));
  const isKept = ({ node, type, shape }: Result): boolean =>
    isFrozen(node) && heavy.has(node) && type === "float32" && shape.length > 0 &&
    shape[0]! % examples === 0;
  const wanted = order.filter((node) => !isFrozen(node)).flatMap(({ inputs }) =>
    inputs.filter((value): value is Result => value?.kind === "result" && isKept(value))
  );
  const stands = new Map<Result, Input>();
  for (const value of origins(wanted, isKept)) {
    stands.set(value, input(`hanok:frozen:${stands.size}`, value.type, value.shape));
  }
  const rewritten = rewriteGraph(g, values, (_g, node) => {
    if (!node.outputs.some((output) => stands.has(output))) return undefined;
    return node.outputs.map((output) => stands.get(output) ?? output);
  });
  return {
    values: rewritten,
    computed: new Map(stands.entries().map(([value, stand]) => [stand, value])),
  };
}

/** What the values are moved or picked from, so that nothing is kept twice; what alone is picked stays as small as it is. */
function origins(values: readonly Result[], isKept: (value: Result) => boolean): Set<Result> {
  const from = (value: Result, ops: ReadonlySet<string>): Result => {
    const [source, ...settings] = value.node.inputs;
    const isMoved = ops.has(value.node.op) && source?.kind === "result" && isKept(source) &&
      settings.every((setting) => setting?.kind === "constant");
    return isMoved ? from(source, ops) : value;
  };
  const moved = new Set(values.map((value) => from(value, MOVES)));
  return new Set(
    [...moved].filter((value) => {
      const source = from(value, PICKS);
      return source === value || !moved.has(source);
    }),
  );
}

/** Nodes that are such, or read a leaf that is such, or depend on one of these. */
function dependentNodes(
  order: readonly GraphNode[],
  isLeaf: (value: Value) => boolean,
  isSuch: (node: GraphNode) => boolean = () => false,
): Set<GraphNode> {
  const found = new Set<GraphNode>();
  for (const node of order) {
    const depends = isSuch(node) || node.inputs.some((value) =>
      value !== undefined &&
      (value.kind === "result" ? found.has(value.node) : isLeaf(value))
    );
    if (depends) found.add(node);
  }
  return found;
}
