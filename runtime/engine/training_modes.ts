import { type Input, input, numberAttribute, topologicalOrder, type Value } from "./graph.ts";
import { numbersOf } from "./element_type.ts";
import type { Emit } from "./emit.ts";
import type { OnnxModel, OnnxNode } from "./onnx/onnx_model.ts";
import { elementCount, type Shape } from "./shape.ts";

/** Random zeros that training multiplies with: drawn anew for each iteration, the same forward and backward. */
export interface DropoutMask {
  readonly input: Input;
  /** Share that is left out. */
  readonly ratio: number;
}

/** Statistics of a batch that a BatchNormalization remembers for inference. */
export interface BatchStatistic {
  /** Initializer that holds the running value. */
  readonly name: string;
  /** The value over this batch. */
  readonly value: Value;
  /** Share of the old running value. */
  readonly momentum: number;
}

/** What acts differently in training than in inference. */
export interface TrainingModes {
  readonly masks: readonly DropoutMask[];
  readonly statistics: readonly BatchStatistic[];
  /** Outputs of a node in training, or `undefined` if it acts as always. */
  replace(
    g: Emit,
    node: OnnxNode,
    inputs: readonly (Value | undefined)[],
  ): readonly Value[] | undefined;
}

/**
 * Collects the dropout masks and batch statistics of a graph while it is traced.
 *
 * @param trainable Names of weights: dropout before all of them acts as in inference. @default dropout acts everywhere
 */
export function collectTrainingModes(trainable?: ReadonlySet<string>): TrainingModes {
  const masks: DropoutMask[] = [];
  const statistics: BatchStatistic[] = [];
  return {
    masks,
    statistics,
    replace(g, node, inputs) {
      const [x, second] = inputs;
      if (x === undefined || node.domain !== "") return undefined;
      if (node.op === "Dropout") {
        const given = numberAttribute(node.attributes, "ratio", 0.5); // an attribute before operator set 12
        const ratio = second?.kind === "constant" ? numbersOf(second.data)[0]! : given;
        const isFrozen = trainable !== undefined && !readsInput(x, trainable);
        if (ratio === 0 || isFrozen) return [x];
        const mask = input(`hanok:mask:${masks.length}`, x.type, x.shape);
        masks.push({ input: mask, ratio });
        return [g.mul(x, mask)];
      }
      if (node.op === "BatchNormalization" && second?.kind === "input") {
        const { y, mean, variance } = normalizeBatch(g, node, inputs);
        const momentum = numberAttribute(node.attributes, "momentum", 0.9);
        statistics.push({ name: node.inputs[3]!, value: mean, momentum });
        statistics.push({ name: node.inputs[4]!, value: variance, momentum });
        return [y];
      }
      return undefined;
    },
  };
}

function readsInput(value: Value, names: ReadonlySet<string>): boolean {
  return topologicalOrder([value]).some(({ inputs }) =>
    inputs.some((read) => read?.kind === "input" && names.has(read.name))
  );
}

/**
 * Brings each channel to mean 0 and variance 1 over the batch and its places.
 *
 * The variance that is remembered is the unbiased one, as PyTorch has it (ONNX: the biased one).
 */
function normalizeBatch(
  g: Emit,
  { attributes }: OnnxNode,
  [x, scale, bias]: readonly (Value | undefined)[],
): { y: Value; mean: Value; variance: Value } {
  const shape = x!.shape;
  const channels = shape[1]!;
  const axes = [0, ...shape.keys().drop(2)];
  const count = elementCount(shape) / channels;
  const average = (value: Value): Value =>
    g.mul(g.sum(value, axes, true), g.scalar(value, 1 / count));
  const wide: Shape = [1, channels, ...shape.slice(2).map(() => 1)];
  const mean = average(x!);
  const centred = g.sub(x!, mean);
  const variance = average(g.mul(centred, centred));
  const epsilon = g.scalar(x!, numberAttribute(attributes, "epsilon", 1e-5));
  const inverse = g.apply("Reciprocal", [g.apply("Sqrt", [g.add(variance, epsilon)])]);
  const steep = g.mul(inverse, g.reshape(scale!, wide));
  const unbiased = g.mul(variance, g.scalar(variance, count / Math.max(1, count - 1)));
  return {
    y: g.add(g.mul(centred, steep), g.reshape(bias!, wide)),
    mean: g.reshape(mean, [channels]),
    variance: g.reshape(unbiased, [channels]),
  };
}

/** Names of the running statistics that training with these weights changes. */
export function runningStatistics(model: OnnxModel, trainable: readonly string[]): string[] {
  const normalizations = model.graph.nodes.filter(({ op, domain, inputs }) =>
    op === "BatchNormalization" && domain === "" && trainable.includes(inputs[1] ?? "")
  );
  return [...new Set(normalizations.flatMap(({ inputs }) => inputs.slice(3, 5)))];
}
