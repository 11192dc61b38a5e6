import type { Loss } from "../../pipeline/engine_port.ts";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { absorbProjections } from "./absorb_projections.ts";
import { type DeviceGraph, deviceGraph, type DeviceGraphOptions } from "./device_graph.ts";
import { type FrozenPart, takeFrozenPart } from "./frozen/take_frozen_part.ts";
import { type Input, input, type Result, type Value } from "./graph.ts";
import { lossGraph } from "./losses.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { emit } from "./operators/mod.ts";
import type { Shape } from "./shape.ts";
import { sinkSelection } from "./sink_selection.ts";
import { type TracedModel, traceModel } from "./trace_model.ts";
import { collectTrainingModes, type DropoutMask, type TrainingModes } from "./training_modes.ts";
import { weightGradients } from "./weight_gradients.ts";

/** What one training graph is made for. */
export interface TrainingGraphOptions extends DeviceGraphOptions {
  /** Shape of each input of the model. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Names of the weights to train. */
  readonly trainable: readonly string[];
  /** Those of them that are tables whose gradient is wanted row by row, as it comes out of each look-up. */
  readonly tables: readonly string[];
  /** The model's output that the loss is taken of. */
  readonly logits: string;
  readonly loss: Loss;
  /** Whether the frozen part is a graph of its own, {@link frozenGraph}, so that its outputs can be kept. */
  readonly keepsFrozen: boolean;
}

/** The part of a model that no weight that trains stands before. */
export interface FrozenGraph extends DeviceGraph {
  /** Outputs, which the training graph takes as inputs of the same names; their first axis is a multiple of the examples. */
  readonly outputs: readonly Input[];
}

/** Forward pass, loss and gradients as one model. */
export interface TrainingGraph extends DeviceGraph {
  /** Shape of the logits, and so of the targets: `[examples, outputs]`. */
  readonly shape: readonly [number, number];
  /** Name of the targets' input. */
  readonly targets: string;
  /** Name of the scalar input that multiplies the gradients; 1 if absent. */
  readonly scale: string | undefined;
  readonly masks: readonly DropoutMask[];
  /** Name of the scalar output that holds the loss. */
  readonly loss: string;
  /** Name of the output that holds the gradient of each weight. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Name of the output that holds the rows of a table's gradient, int64. */
  readonly rows: ReadonlyMap<string, string>;
  readonly statistics: readonly GraphStatistic[];
}

/** An output that a running value follows. */
export interface GraphStatistic {
  /** Initializer that holds the running value. */
  readonly name: string;
  readonly output: string;
  /** Share of the old running value. */
  readonly momentum: number;
}

const TARGETS = "hanok:targets";
const LOSS = "hanok:loss";

/**
 * Builds the graph that one iteration runs.
 *
 * @throws {ExplainedError} `engine/bad-logits` if the output is no float32 `[batch, outputs]`; what {@link traceModel} and
 * {@link differentiate} throw.
 */
export function trainingGraph(model: OnnxModel, options: TrainingGraphOptions): TrainingGraph {
  const { trainable, tables } = options;
  const { traced, logits, targets, scale, weights, modes, values, frozenPart } = traceTraining(
    model,
    options,
  );
  const masks = modes.masks.map((mask) => mask.input);
  const scales = scale === undefined ? [] : [scale];
  const gradientNames = trainable.map((name) => `hanok:gradient:${name}`);
  const statisticNames = modes.statistics.map(({ name }) => `hanok:statistic:${name}`);
  const rowNames = tables.map((name) => `hanok:rows:${name}`);
  const names = [LOSS, ...gradientNames, ...statisticNames, ...rowNames];
  return {
    ...deviceGraph(traced, options, {
      values: new Map(names.map((name, i) => [name, values[i]!])),
      inputs: [...frozenPart.keys(), targets, ...scales, ...masks, ...weights],
    }),
    shape: logits.shape as [number, number],
    targets: TARGETS,
    scale: scale?.name,
    masks: modes.masks,
    loss: LOSS,
    gradients: new Map(trainable.map((name, i) => [name, gradientNames[i]!])),
    rows: new Map(tables.map((name, i) => [name, rowNames[i]!])),
    statistics: modes.statistics.map(({ name, momentum }, i) => ({
      name,
      momentum,
      output: statisticNames[i]!,
    })),
  };
}

/** The graph that computes what {@link trainingGraph} takes in its place; it has no outputs where nothing is worth to be kept. */
export function frozenGraph(model: OnnxModel, options: TrainingGraphOptions): FrozenGraph {
  const { traced, frozenPart } = traceTraining(model, options);
  const values = new Map(frozenPart.entries().map(([{ name }, value]) => [name, value]));
  return {
    ...deviceGraph(traced, options, { values, inputs: [] }),
    outputs: [...frozenPart.keys()],
  };
}

/** A model with its loss, followed for one shape of batch. */
interface TracedTraining {
  readonly traced: TracedModel;
  readonly logits: Value;
  readonly targets: Input;
  readonly scale: Input | undefined;
  readonly weights: readonly Input[];
  readonly modes: TrainingModes;
  /** Loss, gradients and statistics. */
  readonly values: readonly Value[];
  readonly frozenPart: FrozenPart["computed"];
}

function traceTraining(model: OnnxModel, options: TrainingGraphOptions): TracedTraining {
  const { shapes, trainable, keepsFrozen } = options;
  const modes = collectTrainingModes(keepsFrozen ? new Set(trainable) : undefined);
  const traced = traceModel(emit, model, {
    shapes,
    given: new Set([...trainable, ...options.frozen]),
    replace: modes.replace,
  });
  const selected = sinkSelection(emit, [
    traced.outputs.get(options.logits)!,
    ...modes.statistics.map(({ value }) => value),
  ]);
  const [logits, ...statistics] = absorbProjections(emit, selected);
  if (logits === undefined) throw new TypeError("the model has no output");
  checkLogits(options.logits, logits);
  const targets = input(TARGETS, "float32", logits.shape);
  const loss = lossGraph(emit, options.loss, logits, targets);
  const weights = trainable.map((name) => traced.weights.get(name)!);
  const scale = options.half ? input("hanok:scale", "float32", loss.shape) : undefined;
  const { gradients, rows } = weightGradients(loss, weights, {
    scale,
    tables: new Set(options.tables),
  });
  const all = [loss, ...gradients, ...statistics, ...rows];
  const { values, computed } = keepsFrozen
    ? takeFrozenPart(emit, all, {
      batch: new Set(traced.inputs.values()),
      changing: new Set<Value>([targets, ...weights, ...modes.masks.map((mask) => mask.input)]),
      examples: logits.shape[0]!,
    })
    : { values: all, computed: new Map<Input, Result>() };
  return { traced, logits, targets, scale, weights, modes, values, frozenPart: computed };
}

function checkLogits(name: string, { type, shape }: Value): void {
  if (type === "float32" && shape.length === 2) return;
  throw new ExplainedError("engine/bad-logits", {
    what: "Cannot take the loss of the model",
    why: `its output "${name}" is ${type} [${shape}], and must be float32 [batch, outputs]`,
    fix: "Export a classifier whose output `logits` has one row per example",
  });
}
