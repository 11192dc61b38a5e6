import type { Loss } from "../../pipeline/engine_port.ts";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { differentiate } from "./differentiate.ts";
import {
  type Input,
  input,
  numberAttribute,
  type Result,
  topologicalOrder,
  type Value,
} from "./graph.ts";
import { type HostPart, takeHostPart } from "./host_part.ts";
import { graphToModel } from "./graph_to_model.ts";
import { lossGraph } from "./losses.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { emit, operators } from "./operators/mod.ts";
import { type Rewrite, rewriteGraph } from "./rewrite_graph.ts";
import type { Shape } from "./shape.ts";
import { traceModel } from "./trace_model.ts";
import { collectTrainingModes, type DropoutMask } from "./training_modes.ts";

/** What one training graph is made for. */
export interface TrainingGraphOptions {
  /** Shape of each input of the model. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Names of the weights to train. */
  readonly trainable: readonly string[];
  /** Names of frozen weights that the graph is given, instead of holding them. */
  readonly frozen: readonly string[];
  /** The model's output that the loss is taken of. */
  readonly logits: string;
  readonly loss: Loss;
  /** Replaces operators that the device lacks. */
  readonly lower?: Rewrite;
  /** Whether the host computes what depends on whole numbers of the batch only. */
  readonly lacksIntegers: boolean;
}

/** Forward pass, loss and gradients as one model. */
export interface TrainingGraph {
  /** Inputs: the model's own, `targets`, the dropout masks, and each weight that it is given by its name. */
  readonly model: OnnxModel;
  /** Shape of the logits, and so of the targets: `[examples, outputs]`. */
  readonly shape: readonly [number, number];
  /** Name of the targets' input. */
  readonly targets: string;
  readonly masks: readonly DropoutMask[];
  /** Name of the scalar output that holds the loss. */
  readonly loss: string;
  /** Name of the output that holds the gradient of each weight. */
  readonly gradients: ReadonlyMap<string, string>;
  /** The frozen weights that it reads. */
  readonly frozen: readonly string[];
  readonly statistics: readonly GraphStatistic[];
  /** Inputs of the model that was traced, by name; {@link host} computes from them. */
  readonly inputs: ReadonlyMap<string, Input>;
  /** Inputs that are indices into a table: whoever feeds them checks them, as GPUs do not. */
  readonly lookups: readonly Lookup[];
  /** What the host computes from a batch before the graph runs, by the input that takes it. */
  readonly host: HostPart["computed"];
}

/** An input whose elements are rows of a table. */
export interface Lookup {
  readonly input: string;
  /** Rows of the table. */
  readonly rows: number;
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
  const { shapes, trainable } = options;
  const modes = collectTrainingModes();
  const traced = traceModel(emit, model, {
    shapes,
    given: new Set([...trainable, ...options.frozen]),
    replace: modes.replace,
  });
  const logits = traced.outputs.get(options.logits)!;
  checkLogits(options.logits, logits);
  const targets = input(TARGETS, "float32", logits.shape);
  const loss = lossGraph(emit, options.loss, logits, targets);
  const weights = trainable.map((name) => traced.weights.get(name)!);
  const gradients = differentiate({ operators, g: emit }, loss, weights);
  const values = [loss, ...gradients, ...modes.statistics.map(({ value }) => value)];
  const { values: onDevice, computed } = options.lacksIntegers
    ? takeHostPart(operators, emit, values)
    : { values, computed: new Map<Input, Result>() };
  const lowered = options.lower === undefined
    ? onDevice
    : rewriteGraph(emit, onDevice, options.lower);
  const read = new Set(topologicalOrder(lowered).flatMap((node) => node.inputs));
  const frozen = options.frozen.map((name) => traced.weights.get(name)!).filter((given) =>
    read.has(given)
  );
  const gradientNames = trainable.map((name) => `hanok:gradient:${name}`);
  const statisticNames = modes.statistics.map(({ name }) => `hanok:statistic:${name}`);
  const names = [LOSS, ...gradientNames, ...statisticNames];
  return {
    model: graphToModel({
      inputs: [
        ...traced.inputs.values().filter((given) => read.has(given)),
        ...computed.keys(),
        targets,
        ...modes.masks.map((mask) => mask.input),
        ...weights,
        ...frozen,
      ],
      outputs: Object.fromEntries(names.map((name, i) => [name, lowered[i]!])),
    }),
    shape: logits.shape as [number, number],
    targets: TARGETS,
    masks: modes.masks,
    frozen: frozen.map(({ name }) => name),
    inputs: traced.inputs,
    lookups: lookupsOf(values),
    host: computed,
    loss: LOSS,
    gradients: new Map(trainable.map((name, i) => [name, gradientNames[i]!])),
    statistics: modes.statistics.map(({ name, momentum }, i) => ({
      name,
      momentum,
      output: statisticNames[i]!,
    })),
  };
}

function lookupsOf(values: readonly Value[]): Lookup[] {
  return topologicalOrder(values).flatMap(({ op, inputs: [table, indices], attributes }) =>
    op === "Gather" && indices?.kind === "input"
      ? [{ input: indices.name, rows: table!.shape.at(numberAttribute(attributes, "axis", 0))! }]
      : []
  );
}

function checkLogits(name: string, { type, shape }: Value): void {
  if (type === "float32" && shape.length === 2) return;
  throw new ExplainedError("engine/bad-logits", {
    what: "Cannot take the loss of the model",
    why: `its output "${name}" is ${type} [${shape}], and must be float32 [batch, outputs]`,
    fix: "Export a classifier whose output `logits` has one row per example",
  });
}
