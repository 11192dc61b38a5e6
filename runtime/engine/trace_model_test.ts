import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { differentiate } from "./differentiate.ts";
import { MissingGradientError } from "./errors.ts";
import { numbersOf } from "./element_type.ts";
import { evaluate } from "./evaluate.ts";
import { int, ints, type Value } from "./graph.ts";
import type {
  OnnxAttributes,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
} from "./onnx/onnx_model.ts";
import { readModel } from "./onnx/read_model.ts";
import { emit, operators } from "./operators/mod.ts";
import { prepareModel } from "./prepare_model.ts";
import { traceModel } from "./trace_model.ts";

function node(
  op: string,
  inputs: string[],
  outputs: string[],
  attributes: OnnxAttributes = {},
): OnnxNode {
  return { name: `the ${op}`, op, domain: "", inputs, outputs, attributes };
}

function whole(...numbers: number[]): OnnxTensor {
  return { type: "int64", shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) };
}

function model(
  nodes: OnnxNode[],
  options: { opset?: number; initializers?: Record<string, OnnxTensor> } = {},
): OnnxModel {
  return {
    irVersion: 8,
    opsets: { "": options.opset ?? 17 },
    metadata: {},
    graph: {
      name: "g",
      nodes,
      initializers: new Map(Object.entries(options.initializers ?? {})),
      inputs: [{ name: "x", type: "float32", shape: ["batch", 3] }],
      outputs: [{ name: "y", type: "float32", shape: undefined }],
    },
  };
}

function trace(
  nodes: OnnxNode[],
  options: Parameters<typeof model>[1] = {},
): { x: Value; y: Value } {
  const traced = traceModel(emit, model(nodes, options), {
    shapes: new Map([["x", [2, 3]]]),
    given: new Set(),
  });
  return { x: traced.inputs.get("x")!, y: traced.outputs.get("y")! };
}

Deno.test("traceModel() computes shapes that exporters compute", () => {
  const { y } = trace([
    node("Shape", ["x"], ["shape"]),
    node("Gather", ["shape", "zero"], ["batch"], { axis: int(0) }),
    node("Concat", ["batch", "minus"], ["target"], { axis: int(0) }),
    node("Reshape", ["x", "target"], ["z"]),
    node("Unsqueeze", ["z"], ["y"], { axes: ints([0]) }),
  ], { opset: 11, initializers: { zero: whole(0), minus: whole(-1) } });

  deepEqual(y.shape, [1, 2, 3]);
});

Deno.test("traceModel() follows the branch of an If that is taken", () => {
  const branch = (op: string): OnnxGraph => ({
    name: op,
    nodes: [node(op, ["x"], ["inner"])],
    initializers: new Map(),
    inputs: [],
    outputs: [{ name: "inner", type: "float32", shape: undefined }],
  });
  const { x, y } = trace(
    [
      node("Shape", ["x"], ["shape"]),
      node("Equal", ["shape", "wanted"], ["same"]),
      node("ReduceMin", ["as_numbers"], ["all"], { keepdims: int(0) }),
      node("If", ["all"], ["y"], {
        then_branch: { kind: "graph", value: branch("Neg") },
        else_branch: { kind: "graph", value: branch("Exp") },
      }),
    ].toSpliced(2, 0, node("Cast", ["same"], ["as_numbers"], { to: int(7) })),
    { initializers: { wanted: whole(2, 3) } },
  );

  deepEqual([...evaluate(operators, [y], new Map([[x, [1, 2, 3, 4, 5, 6]]]))[0]!], [
    -1,
    -2,
    -3,
    -4,
    -5,
    -6,
  ]);
});

Deno.test("traceModel() takes softmax of old operator sets over all axes behind", () => {
  const { x, y } = trace([node("Softmax", ["x"], ["y"], { axis: int(0) })], { opset: 11 });

  const [found] = evaluate(operators, [y], new Map([[x, new Float64Array(6)]]));
  ok(found!.every((item) => Math.abs(item - 1 / 6) < 1e-12));
});

Deno.test("traceModel() reads constants in every form", () => {
  const forms: OnnxAttributes[] = [
    { value_int: int(2) },
    { value_ints: ints([2]) },
    { value_float: { kind: "float", value: 2 } },
    { value_floats: { kind: "floats", value: [2] } },
    { value: { kind: "tensor", value: whole(2) } },
  ];
  for (const attributes of forms) {
    const { y } = trace([node("Constant", [], ["y"], attributes)]);

    equal(y.kind, "constant");
    equal(y.kind === "constant" && numbersOf(y.data)[0], 2);
  }
});

const refused: Record<string, [OnnxNode[], string, RegExp]> = {
  "an unknown operator": [
    [node("Relux", ["x"], ["y"])],
    "engine/unknown-operator",
    /"Relux" at graph node "the Relux".*did you mean "Relu"/,
  ],
  "shapes that do not fit": [
    [node("MatMul", ["x", "x"], ["y"])],
    "engine/shape-mismatch",
    /MatMul at graph node "the MatMul".*float32\[2,3\], float32\[2,3\].*inner lengths 3 and 2/,
  ],
  "a condition that depends on the data": [
    [node("If", ["x"], ["y"])],
    "engine/bad-graph",
    /"the If".*depends on the data/,
  ],
  "a sum of one": [[node("Add", ["x"], ["y"])], "engine/shape-mismatch", /"the Add".*input 1 is/],
  "a row that is not there": [
    [node("Constant", [], ["at"], { value_ints: ints([2]) }), node("Gather", ["x", "at"], ["y"])],
    "engine/shape-mismatch",
    /"the Gather".*no place 2 in 2/,
  ],
  "a shape below nothing": [
    [
      node("Constant", [], ["shape"], { value_ints: ints([-4, 2]) }),
      node("ConstantOfShape", ["shape"], ["y"]),
    ],
    "engine/shape-mismatch",
    /"the ConstantOfShape".*\[-4,2\] is no shape/,
  ],
  "a tensor larger than any memory": [
    [
      node("Constant", [], ["shape"], { value_ints: ints([1e6, 2, 3]) }),
      node("Expand", ["x", "shape"], ["z"]),
      node("Constant", [], ["repeats"], { value_ints: ints([1e6, 1, 1]) }),
      node("Tile", ["z", "repeats"], ["y"]),
    ],
    "engine/shape-mismatch",
    /"the Tile".*\[1000000000000,2,3\] is too large/,
  ],
  "more parts than there are elements": [
    [node("Split", ["x"], ["y"], { num_outputs: int(1e9) })],
    "engine/shape-mismatch",
    /"the Split".*2 elements cannot be split into 1000000000 parts/,
  ],
  "endless padding": [
    [
      node("Constant", [], ["pads"], { value_ints: ints([0, 1e12, 0, 0]) }),
      node("Pad", ["x", "pads"], ["y"], { mode: { kind: "string", value: "edge" } }),
    ],
    "engine/shape-mismatch",
    /"the Pad".*a padded axis has 1000000000003 elements/,
  ],
  "an endless window": [
    [
      node("Unsqueeze", ["x"], ["z"], { axes: ints([0]) }),
      node("MaxPool", ["z"], ["y"], { kernel_shape: ints([1e9]), pads: ints([1e9, 0]) }),
    ],
    "engine/shape-mismatch",
    /"the MaxPool".*the window has 1000000000 elements/,
  ],
  "a window of another rank": [
    [node("MaxPool", ["x"], ["y"], { kernel_shape: ints([2, 2]) })],
    "engine/shape-mismatch",
    /"the MaxPool".*kernel must be 0 whole numbers, and are \[2,2\]/,
  ],
  "a shape that depends on the data": [
    [node("Cast", ["x"], ["ids"], { to: int(7) }), node("Reshape", ["x", "ids"], ["y"])],
    "engine/shape-mismatch",
    /the new shape depends on the data/,
  ],
};

for (const [title, [nodes, code, text]] of Object.entries(refused)) {
  Deno.test(`traceModel() refuses ${title} and names the node`, () => {
    const opset = title.includes("endless window") ? 11 : 18;
    throws(() => trace(nodes, { opset }), (error) => {
      ok(error instanceof ExplainedError);
      equal(error.code, code);
      ok(text.test(error.message), error.message);
      return true;
    });
  });
}

Deno.test("differentiate() names the operator that has no gradient", () => {
  const { x, y } = trace([node("ReduceProd", ["x"], ["y"], { keepdims: int(0) })]);

  throws(() => differentiate({ operators, g: emit }, y, [x]), (error) => {
    ok(error instanceof MissingGradientError);
    equal(error.operator, "ReduceProd");
    ok(/graph node "the ReduceProd"/.test(error.message));
    return true;
  });
});

Deno.test("differentiate() gives zeros for a weight that the loss does not depend on", () => {
  const { y } = trace([node("ReduceSum", ["x"], ["y"], { keepdims: int(0) })]);
  const { x } = trace([node("Exp", ["x"], ["y"])]);

  const [gradient] = differentiate({ operators, g: emit }, y, [x]);

  deepEqual([...evaluate(operators, [gradient!], new Map())[0]!], [0, 0, 0, 0, 0, 0]);
});

for (const opset of [18, 19, 20, 21]) {
  Deno.test(`traceModel() understands an exported encoder in operator set ${opset}`, async () => {
    const bytes = await readFile(
      new URL("testdata/exported/prenorm_opset17.onnx", import.meta.url),
    );
    const logits = (as: number): Float64Array => {
      const model = prepareModel({ ...readModel(bytes), opsets: { "": as } });
      const shapes = new Map(model.graph.inputs.map(({ name }) => [name, [1, 4]]));
      const traced = traceModel(emit, model, { shapes, given: new Set() });
      const ones = traced.inputs.values().map((v) =>
        [v as Value, new Float64Array(4).fill(1)] as const
      );
      return evaluate(operators, [...traced.outputs.values()], new Map(ones))[0]!;
    };

    deepEqual(logits(opset), logits(17));
  });
}
