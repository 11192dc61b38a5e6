import type { Tensor } from "../../../pipeline/tensor.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type {
  LoadedGraph,
  StartingWeight,
  TrainingNames,
  WeightMemory,
  WeightPart,
} from "./device.ts";

/** Weights in the memory of this process: for devices that read their inputs from there. */
export function hostMemory(
  weights: readonly StartingWeight[],
  optimizer: Optimizer,
  load: (model: Uint8Array) => Promise<LoadedGraph>,
): WeightMemory {
  const parts = new Map<WeightPart, Map<string, Float32Array<ArrayBuffer>>>();
  const zeros = () =>
    new Map(weights.map(({ name, data }) => [name, new Float32Array(data.length)]));
  parts.set("weight", new Map(weights.map(({ name, data }) => [name, Float32Array.from(data)])));
  parts.set("gradient", zeros());
  for (const slot of optimizer.slots) parts.set(`slot:${slot}`, zeros());
  const array = (part: WeightPart, name: string) => parts.get(part)!.get(name)!;
  return {
    async load(model, names) {
      const graph = await load(model);
      return {
        run: async (inputs) => {
          const results = await graph.run({
            ...inputs,
            ...asTensors(weights, parts.get("weight")!),
          });
          keepGradients(results, names, parts.get("gradient")!);
          return results[names.loss]!.data[0] as number;
        },
        [Symbol.asyncDispose]: () => graph[Symbol.asyncDispose](),
      };
    },
    update(scalars) {
      for (const weight of weights) {
        optimizer.update({
          weight: array("weight", weight.name),
          gradient: array("gradient", weight.name),
          slots: optimizer.slots.map((slot) => array(`slot:${slot}`, weight.name)),
        }, scalars(weight));
      }
      return Promise.resolve();
    },
    read: (part) =>
      Promise.resolve(
        new Map(parts.get(part)!.entries().map(([name, data]) => [name, Float32Array.from(data)])),
      ),
    write(part, data) {
      for (const [name, elements] of data) array(part, name).set(elements);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => {
      parts.clear();
      return Promise.resolve();
    },
  };
}

/** The weights as inputs, without a copy. */
function asTensors(
  weights: readonly StartingWeight[],
  arrays: ReadonlyMap<string, Float32Array>,
): Record<string, Tensor> {
  return Object.fromEntries(
    weights.map(({ name, shape }) => [name, { type: "float32", shape, data: arrays.get(name)! }]),
  );
}

function keepGradients(
  results: Readonly<Record<string, Tensor>>,
  names: TrainingNames,
  gradients: Map<string, Float32Array>,
): void {
  for (const [weight, output] of names.gradients) {
    gradients.set(weight, results[output]!.data as Float32Array);
  }
}
