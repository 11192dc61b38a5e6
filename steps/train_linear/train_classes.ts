import type { SparseLinearArchitecture, StepContext } from "../../pipeline/mod.ts";
import { openPace } from "../pace.ts";
import { type LogisticPass, solveLogistic } from "./dual_logistic.ts";
import { countFeatures, type FeatureCounts, featureScales } from "./feature_scales.ts";
import type { LinearParams } from "./linear_params.ts";
import type { SparseExamples } from "./sparse_examples.ts";

/** What is told of each pass over the examples. */
export type OnPass = (pass: LogisticPass, target: number) => void;

/**
 * Trains one score for two classes, or one for each of more against the rest.
 *
 * @returns A model of `features` features.
 */
export async function trainClasses(
  context: StepContext,
  examples: SparseExamples,
  { features, classes, params, onPass }: {
    readonly features: number;
    readonly classes: number;
    readonly params: LinearParams;
    readonly onPass: OnPass;
  },
): Promise<SparseLinearArchitecture> {
  const counts = countFeatures(examples, { features, classes });
  await context.yield();
  const targets = classes === 2 ? [1] : Array.from({ length: classes }, (_, id) => id);
  const scales = new Float32Array(features * targets.length);
  const weights = new Float32Array(features * targets.length);
  const bias = new Float32Array(targets.length);
  for (const [column, target] of targets.entries()) {
    const trained = await trainClass(context, examples, { counts, target, params, onPass });
    for (let id = 0; id < features; id++) {
      scales[id * targets.length + column] = trained.scales[id]!;
      weights[id * targets.length + column] = trained.weights[id]!;
    }
    bias[column] = trained.bias;
    await context.yield();
  }
  return { kind: "sparse-linear", scales, weights, bias };
}

async function trainClass(
  context: StepContext,
  examples: SparseExamples,
  { counts, target, params, onPass }: {
    readonly counts: FeatureCounts;
    readonly target: number;
    readonly params: LinearParams;
    readonly onPass: OnPass;
  },
): Promise<{ scales: Float32Array; weights: Float32Array; bias: number }> {
  const { starts, ids } = examples;
  const scales = featureScales(counts, target, {
    idfPower: params.idf_power,
    naiveBayes: params.naive_bayes,
  });
  const values = await scaledValues(context, examples, scales);
  const sides = Int8Array.from(examples.targets, (id) => id === target ? 1 : -1);
  const problem = { starts, ids, values, sides, features: scales.length };
  let last: LogisticPass | undefined;
  for await (const pass of solveLogistic(context, problem, params)) {
    last = pass;
    onPass(pass, target);
  }
  return { scales, weights: last!.weights, bias: last!.bias };
}

/** The values of every example, scaled and brought to length 1. */
async function scaledValues(
  context: StepContext,
  { count, starts, ids, values }: SparseExamples,
  scales: Float32Array,
): Promise<Float32Array> {
  const scaled = new Float32Array(values.length);
  const pace = openPace(context);
  for (let row = 0; row < count; row++) {
    let square = 0;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      const value = values[at]! * scales[ids[at]!]!;
      scaled[at] = value;
      square += value * value;
    }
    const factor = square === 0 ? 0 : 1 / Math.sqrt(square);
    for (let at = starts[row]!; at < starts[row + 1]!; at++) scaled[at]! *= factor;
    const rest = pace();
    if (rest !== undefined) await rest;
  }
  return scaled;
}
