import fc from "fast-check";
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
} from "./onnx/onnx_model.ts";

/** Numbers that break things: shapes, axes and counts must not be believed. */
const integer = fc.oneof(
  fc.integer({ min: -3, max: 9 }),
  fc.constantFrom(-(2 ** 53), -1e9, -65536, 65537, 1e6, 2 ** 31, 1e9, 2 ** 40, 2 ** 53 - 1),
);

/** One thing that is wrong with a graph; numbers choose where. */
const damage = fc.record({
  kind: fc.constantFrom(
    "attribute",
    "attribute",
    "tensor",
    "tensor",
    "operator",
    "input",
    "no input",
    "no attribute",
    "axis",
    "no node",
  ),
  place: fc.nat({ max: 1e6 }),
  other: fc.nat({ max: 1e6 }),
  integer,
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

/** Models that an exporter cannot have written, made of ones that it has. */
export function mutatedModels(models: readonly OnnxModel[]): fc.Arbitrary<OnnxModel> {
  return fc.tuple(fc.constantFrom(...models), fc.array(damage, { minLength: 1, maxLength: 3 })).map(
    ([model, damages]) => ({ ...model, graph: damages.reduce(damaged, model.graph) }),
  );
}

function damaged(graph: OnnxGraph, { kind, place, other, integer }: Damage): OnnxGraph {
  const { nodes } = graph;
  const at = place % nodes.length;
  const node = nodes[at]!;
  const elsewhere = nodes[other % nodes.length]!;
  const changed = (change: Partial<OnnxNode>): OnnxGraph => ({
    ...graph,
    nodes: nodes.with(at, { ...node, ...change }),
  });
  switch (kind) {
    case "operator":
      return changed({ op: elsewhere.op });
    case "input":
      return changed({
        inputs: node.inputs.map((name, i) =>
          i === other % node.inputs.length ? elsewhere.outputs[0]! : name
        ),
      });
    case "no input":
      return changed({ inputs: node.inputs.slice(0, -1) });
    case "no attribute":
      return changed({ attributes: Object.fromEntries(Object.entries(node.attributes).slice(1)) });
    case "attribute":
      return changed({
        attributes: Object.fromEntries(
          Object.entries(node.attributes).map(([name, value]) => [name, edited(value, integer)]),
        ),
      });
    case "no node":
      return { ...graph, nodes: nodes.toSpliced(at, 1) };
    case "axis":
      return {
        ...graph,
        inputs: graph.inputs.map((info) => ({ ...info, shape: info.shape?.with(0, integer) })),
      };
    case "tensor": {
      const whole = [...graph.initializers].filter(([, { type }]) => type === "int64");
      const chosen = whole[place % Math.max(1, whole.length)];
      if (chosen === undefined) return graph;
      const [name, tensor] = chosen;
      return {
        ...graph,
        initializers: new Map(graph.initializers).set(name, withOne(tensor, other, integer)),
      };
    }
  }
}

function edited(attribute: OnnxAttribute, integer: number): OnnxAttribute {
  switch (attribute.kind) {
    case "int":
      return { kind: "int", value: integer };
    case "ints":
      return {
        kind: "ints",
        value: attribute.value.length === 0 ? [integer] : attribute.value.with(0, integer),
      };
    case "float":
      return { kind: "float", value: integer };
    case "string":
      return { kind: "string", value: "…" };
    case "tensor":
      return { kind: "tensor", value: withOne(attribute.value, integer, integer) };
    default:
      return attribute;
  }
}

function withOne(tensor: OnnxTensor, place: number, integer: number): OnnxTensor {
  if (!(tensor.data instanceof BigInt64Array) || tensor.data.length === 0) return tensor;
  const data = tensor.data.slice();
  data[Math.abs(place) % data.length] = BigInt(integer);
  return { ...tensor, data };
}
