import { ExplainedError } from "../../pipeline/explained_error.ts";
import { differentiate } from "./differentiate.ts";
import { input, type Value } from "./graph.ts";
import { graphToModel } from "./graph_to_model.ts";
import { crossEntropy } from "./losses.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { emit, operators } from "./operators/mod.ts";
import { type Rewrite, rewriteGraph } from "./rewrite_graph.ts";
import type { Shape } from "./shape.ts";
import { traceModel } from "./trace_model.ts";

/** What one training graph is made for. */
export interface TrainingGraphOptions {
  /** Shape of each input of the model. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Names of the weights to train. */
  readonly trainable: readonly string[];
  /** The model's output that the loss is taken of. */
  readonly logits: string;
  /** Replaces operators that the device lacks. */
  readonly lower?: Rewrite;
}

/** Forward pass, loss and gradients as one model. */
export interface TrainingGraph {
  /** Inputs: the model's own, `targets` `[batch, classes]`, and each trainable weight by its name. */
  readonly model: OnnxModel;
  /** Columns of the logits. */
  readonly classes: number;
  /** Rows of the logits. */
  readonly examples: number;
  /** Name of the targets' input. */
  readonly targets: string;
  /** Name of the scalar output that holds the loss. */
  readonly loss: string;
  /** Name of the output that holds the gradient of each weight. */
  readonly gradients: ReadonlyMap<string, string>;
}

const TARGETS = "hanok:targets";
const LOSS = "hanok:loss";

/**
 * Builds the graph that one iteration runs.
 *
 * @throws {ExplainedError} `engine/bad-logits` if the output is no float32 `[batch, classes]`; what {@link traceModel} and
 * {@link differentiate} throw.
 */
export function trainingGraph(model: OnnxModel, options: TrainingGraphOptions): TrainingGraph {
  const { shapes, trainable } = options;
  const traced = traceModel(emit, model, { shapes, trainable: new Set(trainable) });
  const logits = traced.outputs.get(options.logits)!;
  checkLogits(options.logits, logits);
  const targets = input(TARGETS, "float32", logits.shape);
  const loss = crossEntropy(emit, logits, targets);
  const weights = trainable.map((name) => traced.weights.get(name)!);
  const gradients = differentiate({ operators, g: emit }, loss, weights);
  const values = [loss, ...gradients];
  const lowered = options.lower === undefined ? values : rewriteGraph(emit, values, options.lower);
  const names = new Map(trainable.map((name) => [name, `hanok:gradient:${name}`]));
  const outputs = [LOSS, ...names.values()].map((name, i) => [name, lowered[i]!] as const);
  return {
    model: graphToModel({
      inputs: [...traced.inputs.values(), targets, ...weights],
      outputs: Object.fromEntries(outputs),
    }),
    examples: logits.shape[0]!,
    classes: logits.shape[1]!,
    targets: TARGETS,
    loss: LOSS,
    gradients: names,
  };
}

function checkLogits(name: string, { type, shape }: Value): void {
  if (type === "float32" && shape.length === 2) return;
  throw new ExplainedError("engine/bad-logits", {
    what: "Cannot take the loss of the model",
    why: `its output "${name}" is ${type} [${shape}], and must be float32 [batch, classes]`,
    fix: "Export a classifier whose output `logits` has one row per example",
  });
}
