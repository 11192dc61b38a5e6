import type { Tensor } from "../../../pipeline/tensor.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { compileDense, type DenseKernel } from "./dense_kernel.ts";
import { type DenseLayers, findDenseLayers } from "./find_dense_layers.ts";

/** A small graph that runs at once. */
export interface DenseGraph {
  /** Whether nothing at all is wrong with what it is given. */
  fits(inputs: Readonly<Record<string, Tensor>>, wanted?: readonly string[]): boolean;
  /**
   * @param inputs That fit.
   * @param wanted Names of the outputs that are needed. @default all
   */
  run(
    inputs: Readonly<Record<string, Tensor>>,
    wanted?: readonly string[],
  ): Record<string, Tensor>;
}

/**
 * More weights take onnxruntime less time than us: it has 16 numbers in a register and answers many rows together, but a
 * call of it takes 30 microseconds (a weight here 0.08 nanoseconds).
 */
const MOST_WEIGHTS = 65_536;

/** Readies a graph of a few dense layers; `undefined` for all others, which onnxruntime runs. */
export function openDenseGraph(model: OnnxModel): DenseGraph | undefined {
  const found = findDenseLayers(model);
  if (found === undefined) return undefined;
  const count = found.layers.reduce((sum, { weights }) => sum + weights.length, 0);
  if (count > MOST_WEIGHTS) return undefined;
  return denseGraph(found, compileDense(found.layers));
}

function denseGraph({ input, outputs }: DenseLayers, kernel: DenseKernel): DenseGraph {
  const names = outputs.map(({ name }) => name);
  const [taken, width] = [kernel.input.length, kernel.output.length];
  const runRows = (data: Float32Array, rows: number): Float32Array<ArrayBuffer> => {
    const numbers = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) {
      kernel.input.set(rows === 1 ? data : data.subarray(row * taken, (row + 1) * taken));
      kernel.run();
      numbers.set(kernel.output, row * width);
    }
    return numbers;
  };
  return {
    fits(inputs, wanted = []) {
      for (const name in inputs) if (name !== input) return false;
      for (const name of wanted) if (!names.includes(name)) return false;
      const tensor = inputs[input];
      return tensor?.type === "float32" && tensor.data instanceof Float32Array &&
        tensor.shape.length === 2 && tensor.shape[0]! > 0 && tensor.shape[1] === taken &&
        tensor.data.length === tensor.shape[0]! * taken;
    },
    run(inputs, wanted) {
      const { data, shape: [rows] } = inputs[input] as Extract<Tensor, { type: "float32" }>;
      const numbers = runRows(data, rows!);
      const results: Record<string, Tensor> = {};
      for (const { name, softmax } of outputs) {
        if (wanted !== undefined && !wanted.includes(name)) continue;
        const given = softmax ? softmaxOf(numbers, width) : numbers;
        results[name] = { type: "float32", shape: [rows!, width], data: given };
      }
      return results;
    },
  };
}

/** Of each row. */
function softmaxOf(numbers: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const shares = new Float32Array(numbers.length);
  for (let start = 0; start < numbers.length; start += width) {
    let [largest, sum] = [-Infinity, 0];
    for (let i = start; i < start + width; i++) largest = Math.max(largest, numbers[i]!);
    for (let i = start; i < start + width; i++) {
      const share = Math.exp(numbers[i]! - largest);
      shares[i] = share;
      sum += share;
    }
    for (let i = start; i < start + width; i++) shares[i]! /= sum;
  }
  return shares;
}
