import type { RowSession } from "../../../pipeline/engine_port.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { compileDense, type DenseKernel } from "./dense_kernel.ts";
import { findDenseLayers } from "./find_dense_layers.ts";

/** A graph of a few dense layers. */
export interface DenseGraph {
  /** As of an inference session. */
  readonly openRow: (output: string) => RowSession | undefined;
}

/**
 * More weights take onnxruntime less time than us: it has 16 numbers in a register and answers many rows together, but a
 * call of it takes 15 microseconds (a weight here 0.08 nanoseconds).
 */
const MOST_WEIGHTS = 65_536;

/** Readies a graph of a few dense layers; `undefined` for all others, which onnxruntime runs. */
export function openDenseGraph(model: OnnxModel): DenseGraph | undefined {
  const found = findDenseLayers(model);
  if (found === undefined) return undefined;
  const count = found.layers.reduce((sum, { weights }) => sum + weights.length, 0);
  if (count > MOST_WEIGHTS) return undefined;
  const { input: name, outputs, layers } = found;
  return {
    openRow(output) {
      const wanted = outputs.find((each) => each.name === output);
      if (wanted === undefined) return undefined;
      const kernel = compileDense(layers);
      return {
        name,
        input: kernel.input,
        run: wanted.softmax ? withSoftmax(kernel) : plain(kernel),
      };
    },
  };
}

function plain({ run, output }: DenseKernel): RowSession["run"] {
  return () => {
    run();
    return output;
  };
}

function withSoftmax({ run, output }: DenseKernel): RowSession["run"] {
  const shares = new Float32Array(output.length);
  return () => {
    run();
    let [largest, sum] = [-Infinity, 0];
    for (let i = 0; i < output.length; i++) largest = Math.max(largest, output[i]!);
    for (let i = 0; i < output.length; i++) {
      const share = Math.exp(output[i]! - largest);
      shares[i] = share;
      sum += share;
    }
    for (let i = 0; i < output.length; i++) shares[i]! /= sum;
    return shares;
  };
}
