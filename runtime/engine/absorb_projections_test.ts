import { equal, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { absorbProjections } from "./absorb_projections.ts";
import { evaluate } from "./evaluate.ts";
import { input, ints, topologicalOrder, type Value } from "./graph.ts";
import { readModel } from "./onnx/read_model.ts";
import { emit, operators } from "./operators/mod.ts";
import { prepareModel } from "./prepare_model.ts";
import { elementCount } from "./shape.ts";
import { sinkSelection } from "./sink_selection.ts";
import { traceModel } from "./trace_model.ts";

const LENGTH = 6;

function numbersFor(value: Value): Float64Array {
  return Float64Array.from(
    { length: elementCount(value.shape) },
    (_, i) => value.type === "float32" ? Math.sin(7 * i + 1) : i % 2 + 1,
  );
}

/** Products of all tokens' rows with a matrix. */
function productsOfTokens(values: readonly Value[]): number {
  return topologicalOrder(values).filter(({ op, inputs: [rows, matrix] }) =>
    op === "MatMul" && rows!.shape.length === 3 && rows!.shape[1] === LENGTH &&
    matrix!.shape.length === 2
  ).length;
}

for (const file of ["bert_opset11", "bert_opset14", "prenorm_opset17", "distilbert_opset16"]) {
  Deno.test(`absorbProjections() spares keys and values of the last layer of the exported ${file}`, async () => {
    const bytes = await readFile(new URL(`testdata/exported/${file}.onnx`, import.meta.url));
    const model = prepareModel(readModel(bytes));
    const shapes = new Map(model.graph.inputs.map(({ name }) => [name, [2, LENGTH]]));
    const traced = traceModel(emit, model, { shapes, given: new Set() });
    const sunk = sinkSelection(emit, [...traced.outputs.values()]);
    const absorbed = absorbProjections(emit, sunk);
    const given = new Map<Value, Float64Array>(
      traced.inputs.values().map((value) => [value, numbersFor(value)]),
    );
    const [expected, found] = [sunk, absorbed].map((all) => evaluate(operators, all, given)[0]!);

    expected!.forEach((number, i) => ok(Math.abs(found![i]! - number) < 1e-9));
    equal(productsOfTokens(absorbed), productsOfTokens(sunk) - 2);
  });
}

const [rows, matrix, bias] = [
  input("rows", "float32", [2, LENGTH, 4]),
  input("matrix", "float32", [4, 4]),
  input("bias", "float32", [4]),
];
const shares = input("shares", "float32", [2, 2, 1, LENGTH]);
const cut = (value: Value, perm: readonly number[]): Value =>
  emit.apply("Transpose", [emit.reshape(value, [2, LENGTH, 2, 2])], { perm: ints(perm) });
const product = emit.apply("MatMul", [rows!, matrix!]);

for (
  const [title, { value, spares }] of Object.entries({
    "shares that do not add up to 1": {
      value: emit.apply("MatMul", [shares, cut(emit.add(bias!, product), [0, 2, 1, 3])]),
      spares: 1,
    },
    "no bias": {
      value: emit.apply("MatMul", [shares, cut(product, [0, 2, 1, 3])]),
      spares: 1,
    },
    "a bias for each token": {
      value: emit.apply("MatMul", [shares, cut(emit.add(product, rows!), [0, 2, 1, 3])]),
      spares: 0,
    },
    "every token asking": {
      value: emit.apply("MatMul", [cut(rows!, [0, 2, 1, 3]), cut(product, [0, 2, 3, 1])]),
      spares: 0,
    },
  })
) {
  Deno.test(`absorbProjections() computes the same with ${title}`, () => {
    const given = new Map<Value, Float64Array>(
      [rows!, matrix!, bias!, shares].map((each) => [each, numbersFor(each)]),
    );
    const [absorbed] = absorbProjections(emit, [value]);
    const [expected, found] = [value, absorbed!].map((all) =>
      evaluate(operators, [all], given)[0]!
    );

    expected!.forEach((number, i) => ok(Math.abs(found![i]! - number) < 1e-9));
    equal(productsOfTokens([absorbed!]), 1 - spares);
  });
}
