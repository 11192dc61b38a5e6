import { deepEqual, ok } from "node:assert/strict";
import { differentiate } from "../differentiate.ts";
import { evaluate } from "../evaluate.ts";
import { constant, float, input, int, type Value } from "../graph.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from "../onnx/onnx_model.ts";
import oracle from "../testdata/operators.json" with { type: "json" };
import { traceModel } from "../trace_model.ts";
import { collectTrainingModes } from "../training_modes.ts";
import { emit, operators } from "./mod.ts";

interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface StoredCase {
  readonly op: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  readonly inputs: readonly StoredTensor[];
  readonly whole: readonly (StoredTensor & { readonly place: number })[];
  readonly outputs: readonly (StoredTensor & { readonly weights: readonly number[] })[];
  readonly gradients: readonly (readonly number[] | null)[];
}

/** A model of this one node: its inputs are x0, x1, …, and initializers of whole numbers. */
function modelOf({ op, attributes, inputs, whole, outputs }: StoredCase): OnnxModel {
  const names: string[] = [];
  for (const { place } of whole) names[place] = `whole${place}`;
  let next = 0;
  const count = inputs.length + whole.length;
  for (let i = 0; i < count; i++) names[i] ??= `x${next++}`;
  const initializers = new Map<string, OnnxTensor>(whole.map(({ place, shape, data }) => [
    `whole${place}`,
    op === "Where"
      ? { type: "bool", shape, data: Uint8Array.from(data) }
      : { type: "int64", shape, data: BigInt64Array.from(data, BigInt) },
  ]));
  const node: OnnxNode = {
    ...{ name: op, op, domain: "", inputs: names, attributes },
    outputs: outputs.map((_, i) => `y${i}`),
  };
  return {
    ...{ irVersion: 8, opsets: { "": 21 }, metadata: {} },
    graph: {
      ...{ name: op, nodes: [node], initializers },
      inputs: inputs.map(({ shape }, i) => ({ name: `x${i}`, type: "float64", shape })),
      outputs: node.outputs.map((name) => ({ name, type: "float64", shape: undefined })),
    },
  };
}

for (const [title, stored] of Object.entries(oracle.cases)) {
  Deno.test(`${title} and its gradient are PyTorch's`, () => {
    const given = stored as StoredCase;
    const shapes = new Map(given.inputs.map(({ shape }, i) => [`x${i}`, shape]));
    const traced = traceModel(emit, modelOf(given), { shapes, given: new Set() });
    const xs = given.inputs.map((_, i) => traced.inputs.get(`x${i}`)!);
    const ys = [...traced.outputs.values()];
    const loss = given.outputs.map(({ shape, weights }, i) =>
      emit.sum(emit.mul(ys[i]!, constant("float64", shape, weights)), [...shape.keys()], false)
    ).reduce((sum, part) => emit.add(sum, part));
    const gradients = differentiate({ operators, g: emit }, loss, xs);

    const numbers = new Map(xs.map((x, i) => [x as Value, given.inputs[i]!.data]));
    const found = evaluate(operators, [...ys, ...gradients], numbers);

    given.outputs.forEach(({ shape, data }, i) => {
      deepEqual(ys[i]!.shape, shape);
      close(`output ${i}`, found[i]!, data);
    });
    given.gradients.forEach((expected, i) => {
      if (expected !== null) close(`gradient ${i}`, found[ys.length + i]!, expected);
    });
  });
}

for (const { inputs, running, y, weights, gradients, after } of oracle.batch_norm_in_training) {
  Deno.test(`BatchNormalization of [${inputs[0]!.shape}] in training is PyTorch's, its running statistics, too`, () => {
    const xs = inputs.map(({ shape }, i) => input(`x${i}`, "float64", shape));
    const kept = running.map((data) => constant("float64", [3], data));
    const modes = collectTrainingModes();
    const node: OnnxNode = {
      ...{ name: "norm", op: "BatchNormalization", domain: "", outputs: ["y"] },
      inputs: ["x0", "x1", "x2", "mean", "variance"],
      attributes: { training_mode: int(1), momentum: float(0.8), epsilon: float(1e-3) },
    };
    const [found] = modes.replace(emit, node, [...xs, ...kept])!;
    const scale = constant("float64", found!.shape, weights);
    const loss = emit.sum(emit.mul(found!, scale), [...found!.shape.keys()], false);
    const derived = differentiate({ operators, g: emit }, loss, xs);

    const numbers = new Map(xs.map((x, i) => [x as Value, inputs[i]!.data]));
    const batch = modes.statistics.map(({ value }) => value);
    const results = evaluate(operators, [found!, ...derived, ...batch], numbers);

    close("y", results[0]!, y);
    gradients.forEach((expected, i) => close(`gradient ${i}`, results[1 + i]!, expected));
    after.forEach((expected, i) => {
      const { momentum, name } = modes.statistics[i]!;
      const next = results[4 + i]!.map((value, c) =>
        momentum * running[i]![c]! + (1 - momentum) * value
      );
      close(name, next, expected);
    });
  });
}

Deno.test("collectTrainingModes() has ONNX's defaults for what a node leaves out", () => {
  const modes = collectTrainingModes();
  const [x, scale] = [input("x", "float32", [2, 3]), input("scale", "float32", [3])];
  const node = (op: string, inputs: string[]): OnnxNode => (
    { ...{ name: op, op, domain: "", attributes: {} }, inputs, outputs: ["y"] }
  );
  modes.replace(emit, node("Dropout", ["x"]), [x]);
  modes.replace(emit, node("BatchNormalization", ["x", "s", "s", "m", "v"]), [x, scale, scale]);

  deepEqual(modes.masks.map(({ ratio }) => ratio), [0.5]);
  deepEqual(modes.statistics.map(({ name, momentum }) => [name, momentum]), [["m", 0.9], [
    "v",
    0.9,
  ]]);
});

function close(what: string, found: ArrayLike<number>, expected: readonly number[]): void {
  deepEqual(found.length, expected.length);
  expected.forEach((number, i) => {
    const error = Math.abs(found[i]! - number);
    ok(error <= 1e-9 * (1 + Math.abs(number)), `${what}[${i}] is ${found[i]}, not ${number}`);
  });
}
