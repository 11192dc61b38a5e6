import type { WeightGroup } from "../../pipeline/engine_port.ts";
import { ExplainedError, listProblems } from "../../pipeline/explained_error.ts";
import { didYouMean } from "../../pipeline/nearest_name.ts";
import { isFloating } from "./element_type.ts";
import { numberAttribute } from "./graph.ts";
import type { OnnxGraph, OnnxModel, OnnxNode } from "./onnx/onnx_model.ts";

/** Inputs of operators that are settings or statistics, not weights, though they are real numbers. */
const settings: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  Clip: [1, 2],
  Dropout: [1],
  Pad: [2],
  Pow: [1],
  Resize: [1, 2],
};

/**
 * Names of the weights to train, in the order of the file.
 *
 * A weight is a real initializer with at least one axis that `output` depends on.
 *
 * @param patterns Names in which `*` stands for anything; all weights if absent.
 * @throws {ExplainedError} `engine/no-such-weight` if a pattern matches nothing.
 */
export function selectWeights(
  model: OnnxModel,
  output: string,
  patterns?: readonly string[],
): string[] {
  const reached = weightsBehind(model, output);
  const weights = [...model.graph.initializers]
    .filter(([name, { type, shape }]) => isFloating(type) && shape.length > 0 && reached.has(name))
    .map(([name]) => name);
  if (patterns === undefined) return refuseNone(weights);
  refuseUnmatched(weights, patterns);
  const matchers = patterns.map(matcher);
  return weights.filter((name) => matchers.some((matches) => matches(name)));
}

const LAYER = /(?:^|[./])(?:layers?|blocks?|h)[./_](\d+)(?=[./])/;

/**
 * Of some weights, those that are first used in the last layers or behind them.
 *
 * @param count Number of layers; 0 keeps only what is behind the last.
 * @throws {ExplainedError} `engine/no-such-weight` if the model has no numbered layers, or fewer.
 */
export function weightsOfLastLayers(
  { graph: { nodes, initializers } }: OnnxModel,
  weights: readonly string[],
  count: number,
): string[] {
  const layers = nodes.map((node) => layerOf(node, initializers));
  const highest = Math.max(-1, ...layers);
  if (!(Number.isSafeInteger(count) && count >= 0 && count <= highest + 1)) {
    throw new ExplainedError("engine/no-such-weight", {
      what: `Cannot unfreeze ${count} layers`,
      why: highest < 0 ? "the model has no numbered layers" : `the model has ${highest + 1} layers`,
      fix: "Choose the weights by name with `trainable`",
    });
  }
  const first = count === 0
    ? layers.lastIndexOf(highest) + 1
    : layers.findIndex((layer) => layer > highest - count);
  return weights.filter((name) => nodes.findIndex(({ inputs }) => inputs.includes(name)) >= first);
}

/** The number in a node's name or its weights' names; -1 if there is none. */
function layerOf({ name, inputs }: OnnxNode, weights: ReadonlyMap<string, unknown>): number {
  for (const each of [name, ...inputs.filter((input) => weights.has(input))]) {
    const found = LAYER.exec(each)?.[1];
    if (found !== undefined) return Number(found);
  }
  return -1;
}

/**
 * What the learning rate is multiplied by for each weight.
 *
 * @throws {ExplainedError} `engine/no-such-weight` if a pattern of a group matches nothing.
 */
export function learningRateFactors(
  weights: readonly string[],
  groups: readonly WeightGroup[] = [],
): Map<string, number> {
  refuseUnmatched(weights, groups.flatMap((group) => group.weights));
  const matchers = groups.map((group) => ({ ...group, matchers: group.weights.map(matcher) }));
  return new Map(weights.map((name) => {
    const group = matchers.find(({ matchers }) => matchers.some((matches) => matches(name)));
    return [name, group?.learningRateFactor ?? 1];
  }));
}

/** Of some weights, the tables: matrices that the model only looks rows up in. */
export function embeddingTables({ graph }: OnnxModel, weights: readonly string[]): string[] {
  return weights.filter((name) =>
    graph.initializers.get(name)!.shape.length === 2 && !isReadOtherwise(graph, name)
  );
}

function isReadOtherwise({ nodes, outputs }: OnnxGraph, table: string): boolean {
  return outputs.some(({ name }) => name === table) || nodes.some((node) => {
    const isLookup = node.op === "Gather" && node.domain === "" &&
      numberAttribute(node.attributes, "axis", 0) === 0;
    if (node.inputs.some((name, i) => name === table && !(isLookup && i === 0))) return true;
    return Object.values(node.attributes).some((attribute) =>
      attribute.kind === "graph" && isReadOtherwise(attribute.value, table)
    );
  });
}

function refuseUnmatched(weights: readonly string[], patterns: readonly string[]): void {
  const problems = patterns
    .filter((pattern) => !weights.some(matcher(pattern)))
    .map((pattern) => `"${pattern}" matches no weight${didYouMean(pattern, weights)}`);
  if (problems.length > 0) {
    throw new ExplainedError("engine/no-such-weight", {
      what: "Cannot choose weights",
      why: listProblems(problems),
      fix: `Use names of the model's ${weights.length} weights: ${weights.slice(0, 5).join(", ")}${
        weights.length > 5 ? ", …" : ""
      }`,
    });
  }
}

function refuseNone(weights: string[]): string[] {
  if (weights.length > 0) return weights;
  throw new ExplainedError("engine/no-such-weight", {
    what: "Cannot choose the weights to train",
    why: "the model has no real initializers that its output depends on",
    fix: "Give a model whose weights are initializers",
  });
}

/** Initializers that `output` depends on as weights. */
function weightsBehind(model: OnnxModel, output: string): Set<string> {
  const makers = new Map<string, OnnxNode>();
  for (const node of model.graph.nodes) for (const name of node.outputs) makers.set(name, node);
  const reached = new Set<string>();
  const waiting = [output];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === "" || reached.has(name)) continue;
    reached.add(name);
    const maker = makers.get(name);
    const skipped = settings[maker?.op ?? ""] ?? [];
    waiting.push(...(maker?.inputs ?? []).filter((_, index) => !skipped.includes(index)));
  }
  return reached;
}

function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (name) => expression.test(name);
}
