import { differentiate } from "./differentiate.ts";
import {
  type GraphNode,
  type Input,
  int,
  integers,
  topologicalOrder,
  type Value,
} from "./graph.ts";
import { wideIndices } from "./operators/gathering.ts";
import { emit, operators } from "./operators/mod.ts";
import { elementCount } from "./shape.ts";

/** The gradient of each weight; of a table those of its look-ups, `[look-ups, width]`, with the rows that were looked up. */
export function weightGradients(
  loss: Value,
  weights: readonly Input[],
  { scale, tables }: { scale: Value | undefined; tables: ReadonlySet<string> },
): { gradients: Value[]; rows: Value[] } {
  const order = topologicalOrder([loss]);
  const lookups = new Map(
    weights.filter(({ name }) => tables.has(name)).map((table) => [
      table,
      order.filter(({ inputs }) => inputs[0] === table),
    ]),
  );
  const leaves = weights.flatMap((weight): Value[] =>
    lookups.get(weight)?.map(({ outputs }) => outputs[0]!) ?? [weight]
  );
  const found = new Map(
    differentiate({ operators, g: emit }, loss, leaves, scale).map((
      value,
      i,
    ) => [leaves[i]!, value]),
  );
  const together = (values: readonly Value[], none: Value): Value =>
    values.length === 1
      ? values[0]!
      : values.length === 0
      ? none
      : emit.apply("Concat", values, { axis: int(0) });
  const rowsOf = (node: GraphNode): number => elementCount(node.inputs[1]!.shape);
  return {
    gradients: weights.map((weight) => {
      const nodes = lookups.get(weight);
      if (nodes === undefined) return found.get(weight)!;
      const width = weight.shape[1]!;
      return together(
        nodes.map((node) => emit.reshape(found.get(node.outputs[0]!)!, [rowsOf(node), width])),
        emit.filled({ type: "float32", shape: [1, width] }, 0), // of row 0, for a table that nothing reads
      );
    }),
    rows: [...lookups.values()].map((nodes) =>
      together(
        nodes.map((node) => emit.reshape(wideIndices(emit, node.inputs[1]!), [rowsOf(node)])),
        integers([0]),
      )
    ),
  };
}
