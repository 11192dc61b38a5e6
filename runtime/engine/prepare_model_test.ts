import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { int } from "./graph.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./onnx/onnx_model.ts";
import { prepareModel } from "./prepare_model.ts";

function node(op: string, inputs: string[], outputs: string[]): OnnxNode {
  return { name: "", op, domain: "", inputs, outputs, attributes: {} };
}

function floats(...numbers: number[]): OnnxTensor {
  return { type: "float32", shape: [numbers.length], data: Float32Array.from(numbers) };
}

function model(graph: Partial<OnnxGraph>, opset = 17): OnnxModel {
  return {
    irVersion: 8,
    opsets: { "": opset },
    metadata: {},
    graph: {
      name: "g",
      nodes: [],
      initializers: new Map(),
      inputs: [{ name: "x", type: "float32", shape: ["batch", 2] }],
      outputs: [{ name: "y", type: "float32", shape: ["batch", 2] }],
      ...graph,
    },
  };
}

Deno.test("prepareModel() puts nodes in the order in which they run", () => {
  const { nodes } =
    prepareModel(model({ nodes: [node("Exp", ["z"], ["y"]), node("Tanh", ["x"], ["z"])] })).graph;

  deepEqual(nodes.map(({ op }) => op), ["Tanh", "Exp"]);
});

Deno.test("prepareModel() gives equal parameters that the exporter merged back to themselves", () => {
  const { graph } = prepareModel(model({
    nodes: [
      node("Identity", ["a"], ["b"]),
      node("Mul", ["x", "a"], ["z"]),
      node("Mul", ["z", "b"], ["y"]),
    ],
    initializers: new Map([["a", floats(1, 1)]]),
  }));

  deepEqual([...graph.initializers.keys()], ["a", "b"]);
  deepEqual(graph.nodes.map(({ op }) => op), ["Mul", "Mul"]);
});

Deno.test("prepareModel() makes one weight of a matrix that the exporter folded twice", () => {
  const matrix: OnnxTensor = { type: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
  const { graph } = prepareModel(model({
    nodes: [
      node("MatMul", ["x", "onnx::MatMul_7"], ["z"]),
      node("MatMul", ["z", "onnx::MatMul_9"], ["y"]),
    ],
    initializers: new Map([["onnx::MatMul_7", matrix], ["onnx::MatMul_9", {
      ...matrix,
      data: matrix.data.slice(),
    }]]),
  }));

  deepEqual([...graph.initializers.keys()], ["onnx::MatMul_7"]);
  equal(graph.nodes[1]!.inputs[1], "onnx::MatMul_7");
});

Deno.test("prepareModel() leaves alone what only looks like it", () => {
  const bias: OnnxTensor = { type: "float32", shape: [2], data: Float32Array.of(0, 0) };
  const { graph } = prepareModel(model({
    nodes: [
      node("Add", ["x", "onnx::Add_7"], ["z"]),
      node("Add", ["z", "onnx::Add_9"], ["w"]),
      node("Identity", ["a"], ["y"]),
    ],
    initializers: new Map([["onnx::Add_7", bias], ["onnx::Add_9", bias], ["a", floats(1, 1)]]),
  }));

  deepEqual([...graph.initializers.keys()], ["onnx::Add_7", "onnx::Add_9", "a"]);
  deepEqual(graph.nodes.map(({ op }) => op), ["Add", "Add", "Identity"]);
});

Deno.test("prepareModel() makes half precision single", () => {
  const half: OnnxTensor = { type: "float16", shape: [2], data: Float16Array.of(0.5, 2) };
  const cast: OnnxNode = { ...node("Cast", ["x"], ["z"]), attributes: { to: int(10) } };
  const { graph } = prepareModel(model({
    nodes: [cast, node("Mul", ["z", "a"], ["y"])],
    initializers: new Map([["a", half]]),
    outputs: [{ name: "y", type: "float16", shape: ["batch", 2] }],
  }));

  deepEqual(graph.initializers.get("a"), floats(0.5, 2));
  deepEqual(graph.nodes[0]!.attributes.to, int(1));
  equal(graph.outputs[0]!.type, "float32");
});

const refused: Record<string, [OnnxModel, string, RegExp]> = {
  "a cycle": [
    model({ nodes: [node("Add", ["x", "z"], ["y"]), node("Exp", ["y"], ["z"])] }),
    "engine/bad-graph",
    /cycle, Add "y" among them/,
  ],
  "a value that nothing makes": [
    model({ nodes: [node("Exp", ["w"], ["y"])] }),
    "engine/bad-graph",
    /Exp "y" reads "w", which nothing makes/,
  ],
  "an output that nothing makes": [model({}), "engine/bad-graph", /nothing makes the output "y"/],
  "a value that is made twice": [
    model({ nodes: [node("Exp", ["x"], ["y"]), node("Tanh", ["x"], ["y"])] }),
    "engine/bad-graph",
    /"y" is made more than once/,
  ],
  "an attribute that the operator does not have": [
    model({ nodes: [{ ...node("Softmax", ["x"], ["y"]), attributes: { axes: int(1) } }] }),
    "engine/bad-graph",
    /Softmax "y" has the attribute "axes", which is unknown.*did you mean "axis"/,
  ],
  "an operator set of the past": [
    model({ nodes: [node("Exp", ["x"], ["y"])] }, 9),
    "engine/unsupported-opset",
    /operator set 9, and 11 to 21/,
  ],
};

for (const [title, [bad, code, text]] of Object.entries(refused)) {
  Deno.test(`prepareModel() refuses ${title}`, () => {
    throws(() => prepareModel(bad), (error) => {
      ok(error instanceof ExplainedError);
      equal(error.code, code);
      ok(text.test(error.message), error.message);
      return true;
    });
  });
}
