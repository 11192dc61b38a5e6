import type { Tensor } from "../../../pipeline/tensor.ts";
import { openElementLoop, type Optimizer, updateRule, updateScalars } from "../optimizers/mod.ts";
import type {
  LoadedGraph,
  NamedTensors,
  PlacedWeights,
  StartingWeight,
  TrainingNames,
  WeightMemory,
  WeightPart,
} from "./device.ts";

type Arrays = Map<string, Float32Array<ArrayBuffer>>;

/** Weights in the memory of this process: for devices that read their inputs from there. */
export function hostMemory(
  { trainable: weights, frozen }: PlacedWeights,
  optimizer: Optimizer,
  load: (model: Uint8Array) => Promise<LoadedGraph>,
): WeightMemory {
  const slots = optimizer.slots.map((slot) => `slot:${slot}` as const);
  const { names, rule } = updateRule(optimizer);
  const loop = openElementLoop(names, rule);
  const parts = new Map<WeightPart, Arrays>();
  const zeros = (): Arrays =>
    new Map(weights.map(({ name, data }) => [name, new Float32Array(data.length)]));
  parts.set("weight", new Map(weights.map(({ name, data }) => [name, Float32Array.from(data)])));
  parts.set("gradient", zeros());
  for (const slot of slots) parts.set(slot, zeros());
  const frozenArrays: Arrays = new Map(
    frozen.map(({ name, data }) => [name, data as Float32Array<ArrayBuffer>]),
  );
  const array = (part: WeightPart, name: string) => parts.get(part)!.get(name)!;
  const gradientOutputs = (names: TrainingNames["gradients"]): NamedTensors => {
    const arrays = parts.get("gradient")!;
    const outputs = weights.filter(({ name }) => names.has(name)).map((
      { name, shape },
    ): [string, Tensor] => [
      names.get(name)!,
      { type: "float32", shape, data: arrays.get(name)! },
    ]);
    return Object.fromEntries(outputs);
  };
  return {
    async load(model, names) {
      const graph = await load(model);
      const trained = weights.filter(({ name }) => names.gradients.has(name));
      const fixed = asTensors(
        frozen.filter(({ name }) => names.frozen.includes(name)),
        frozenArrays,
      );
      return {
        run: async (inputs) => {
          const results = await graph.run(
            { ...inputs, ...fixed, ...asTensors(trained, parts.get("weight")!) },
            gradientOutputs(names.gradients),
          );
          for (const [weight, output] of names.gradients) {
            parts.get("gradient")!.set(weight, results[output]!.data as Float32Array<ArrayBuffer>);
          }
          return Object.fromEntries(names.host.map((name) => [name, results[name]!]));
        },
        [Symbol.asyncDispose]: () => graph[Symbol.asyncDispose](),
      };
    },
    accumulate(share, first) {
      if (!parts.has("sum")) parts.set("sum", zeros());
      for (const { name } of weights) {
        addScaled(array("sum", name), array("gradient", name), share, first);
      }
      return Promise.resolve();
    },
    gradientNorm: (from) => Promise.resolve(normOf(parts.get(from)!)),
    update({ from, gradientScale, scalars }) {
      for (const weight of weights) {
        const arrays = (["weight", from, ...slots] as const).map((part) =>
          array(part, weight.name)
        );
        loop(arrays, updateScalars(scalars(weight), gradientScale));
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
function asTensors(weights: readonly StartingWeight[], arrays: Arrays): NamedTensors {
  const tensors: [string, Tensor][] = weights.map(({ name, shape }) => [
    name,
    { type: "float32", shape, data: arrays.get(name)! },
  ]);
  return Object.fromEntries(tensors);
}

function addScaled(sum: Float32Array, gradient: Float32Array, share: number, first: boolean): void {
  if (first) { for (let i = 0; i < sum.length; i++) sum[i] = share * gradient[i]!; }
  else for (let i = 0; i < sum.length; i++) sum[i]! += share * gradient[i]!;
}

function normOf(arrays: Arrays): number {
  let sum = 0;
  for (const array of arrays.values()) {
    for (let i = 0; i < array.length; i++) sum += array[i]! * array[i]!;
  }
  return Math.sqrt(sum);
}
