import { deepEqual, equal, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { evaluate } from "./evaluate.ts";
import { input, int, integers, ints, topologicalOrder, type Value } from "./graph.ts";
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

/** Numbers that products of matrices multiply. */
function multiplications(values: readonly Value[]): number {
  return topologicalOrder(values).filter(({ op }) => op === "MatMul" || op === "Gemm")
    .reduce(
      (sum, { inputs: [a], outputs: [y] }) => sum + elementCount(y!.shape) * a!.shape.at(-1)!,
      0,
    );
}

for (const file of ["bert_opset11", "bert_opset14", "prenorm_opset17", "distilbert_opset16"]) {
  Deno.test(`sinkSelection() computes the same as the exported ${file}, with less work`, async () => {
    const bytes = await readFile(new URL(`testdata/exported/${file}.onnx`, import.meta.url));
    const model = prepareModel(readModel(bytes));
    const shapes = new Map(model.graph.inputs.map(({ name }) => [name, [2, LENGTH]]));
    const traced = traceModel(emit, model, { shapes, given: new Set() });
    const whole = [...traced.outputs.values()];
    const sunk = sinkSelection(emit, whole);
    const given = new Map<Value, Float64Array>(
      traced.inputs.values().map((value) => [value, numbersFor(value)]),
    );
    const [expected, found] = [evaluate(operators, whole, given), evaluate(operators, sunk, given)];

    expected[0]!.forEach((number, i) => ok(Math.abs(found[0]![i]! - number) < 1e-9));
    const left = multiplications(sunk) / multiplications(whole);
    ok(left < 0.8, `${left} is left of ${file}`);
  });
}

const x = input("x", "float32", [2, 3, 4]);
const square = input("w", "float32", [4, 4]);
const first = (value: Value, axis: number): Value =>
  emit.apply("Gather", [value, integers([0])], { axis: int(axis) });

for (
  const [title, whole] of Object.entries({
    "a sum along the axis": first(emit.apply("ReduceSum", [x, integers([1])]), 0),
    "a softmax along the axis": first(emit.apply("Softmax", [x], { axis: int(1) }), 1),
    "a column of a product": first(emit.apply("MatMul", [x, square]), 2),
    "axes that were merged": first(emit.reshape(emit.neg(x), [6, 4]), 0),
    "an input": first(x, 1),
  })
) {
  Deno.test(`sinkSelection() computes the same for ${title}`, () => {
    const given = new Map<Value, Float64Array>([x, square].map((v) => [v, numbersFor(v)]));

    deepEqual(
      evaluate(operators, sinkSelection(emit, [whole]), given),
      evaluate(operators, [whole], given),
    );
  });
}

Deno.test("sinkSelection() follows an axis through transpositions and reshapes", () => {
  const heads = emit.apply("Transpose", [emit.reshape(emit.neg(x), [2, 3, 2, 2])], {
    perm: ints([0, 2, 1, 3]),
  });
  const [sunk] = sinkSelection(emit, [first(emit.apply("Exp", [heads]), 2)]);

  const exp = topologicalOrder([sunk!]).find(({ op }) => op === "Exp")!;
  equal(elementCount(exp.outputs[0]!.shape), 8); // of 24
});
