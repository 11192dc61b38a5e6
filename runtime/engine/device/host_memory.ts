import type { Tensor } from "../../../pipeline/tensor.ts";
import { openRowGradient, type RowGradient } from "./row_gradient.ts";
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
  { trainable: weights, frozen, tables, sparse }: PlacedWeights,
  optimizer: Optimizer,
  load: (model: Uint8Array) => Promise<LoadedGraph>,
): WeightMemory {
  const slots = optimizer.slots.map((slot) => `slot:${slot}` as const);
  const { names, rule } = updateRule(optimizer);
  const whole = weights.filter(({ name }) => !tables.includes(name));
  const loop = openElementLoop(
    names,
    rule,
    [...weights, ...whole, ...slots.flatMap(() => weights)].map(({ data }) => data.length),
  );
  const parts = new Map<WeightPart, Arrays>();
  const zeros = (): Arrays =>
    new Map(weights.map(({ name, data }) => [name, loop.allocate(data.length)]));
  parts.set("weight", zeros());
  for (const { name, data } of weights) parts.get("weight")!.get(name)!.set(data);
  const rowGradients = (): Map<string, RowGradient> =>
    new Map(
      weights.filter(({ name }) => tables.includes(name)).map(({ name, shape, data }) => [
        name,
        openRowGradient(data.length, shape[1]!),
      ]),
    );
  const byRow = { gradient: rowGradients(), sum: new Map<string, RowGradient>() };
  const withRows = (part: "gradient" | "sum"): Arrays =>
    new Map(
      weights.map(({ name, data }) => [
        name,
        byRow[part].get(name)?.data ?? loop.allocate(data.length),
      ]),
    );
  parts.set("gradient", withRows("gradient"));
  for (const slot of slots) parts.set(slot, zeros());
  const frozenArrays: Arrays = new Map(
    frozen.map(({ name, data }) => [name, data as Float32Array<ArrayBuffer>]),
  );
  const array = (part: WeightPart, name: string) => parts.get(part)!.get(name)!;
  const gradientOutputs = (names: TrainingNames["gradients"]): NamedTensors => {
    const arrays = parts.get("gradient")!;
    const given = whole.filter(({ name }) => names.has(name));
    const outputs = given.map((
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
            const rows = names.rows.get(weight);
            if (rows !== undefined) {
              byRow.gradient.get(weight)!.set(
                results[rows]!.data as BigInt64Array,
                results[output]!.data as Float32Array,
              );
            } else {parts.get("gradient")!.set(
                weight,
                results[output]!.data as Float32Array<ArrayBuffer>,
              );}
          }
          return Object.fromEntries(names.host.map((name) => [name, results[name]!]));
        },
        [Symbol.asyncDispose]: () => graph[Symbol.asyncDispose](),
      };
    },
    accumulate(share, first) {
      if (!parts.has("sum")) {
        byRow.sum = rowGradients();
        parts.set("sum", withRows("sum"));
      }
      for (const { name } of weights) {
        const rows = byRow.gradient.get(name);
        if (rows !== undefined) byRow.sum.get(name)!.accumulate(rows, share, first);
        else addScaled(array("sum", name), array("gradient", name), share, first);
      }
      return Promise.resolve();
    },
    gradientNorm: (from) => {
      const squares = weights.map(({ name }) => {
        const table = byRow[from].get(name);
        const whole = array(from, name);
        if (table === undefined) return loop.squareSum(whole);
        return table.rows().reduce(
          (sum, row) =>
            sum + loop.squareSum(whole.subarray(row * table.width, (row + 1) * table.width)),
          0,
        );
      });
      return Promise.resolve(Math.sqrt(squares.reduce((sum, square) => sum + square, 0)));
    },
    update({ from, gradientScale, scalars }) {
      for (const weight of weights) {
        const numbers = updateScalars(scalars(weight), gradientScale);
        const arrays = (["weight", from, ...slots] as const).map((part) =>
          array(part, weight.name)
        );
        const table = sparse ? byRow[from].get(weight.name) : undefined;
        if (table === undefined) loop(arrays, numbers);
        else {
          for (const row of table.rows()) {
            const [start, end] = [row * table.width, (row + 1) * table.width];
            loop(arrays.map((each) => each.subarray(start, end)), numbers);
          }
        }
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
