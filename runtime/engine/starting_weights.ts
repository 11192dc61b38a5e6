import type { StartingWeight } from "./device/device.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { runningStatistics } from "./training_modes.ts";

/** Elements from which a frozen weight is kept outside of the graphs. */
const LARGE = 4096;

/** Frozen matrices that are worth keeping outside of the graphs. */
export function largeFrozenWeights({ graph }: OnnxModel, trainable: readonly string[]): string[] {
  const trained = new Set(trainable);
  return [...graph.initializers]
    .filter(([name, { type, shape, data }]) =>
      type === "float32" && shape.length >= 2 && data.length >= LARGE && !trained.has(name)
    )
    .map(([name]) => name);
}

/** The weights of these names, as the file has them. */
export function startingWeights(model: OnnxModel, names: readonly string[]): StartingWeight[] {
  return names.map((name) => {
    const { shape, data } = model.graph.initializers.get(name)!;
    return { name, shape, data: data as Float32Array };
  });
}

/** Running statistics that training with these weights changes, as the file has them. */
export function startingStatistics(
  model: OnnxModel,
  trainable: readonly string[],
): Map<string, Float32Array<ArrayBuffer>> {
  return new Map(
    runningStatistics(model, trainable).map((name) => {
      const { data } = model.graph.initializers.get(name)!;
      return [name, Float32Array.from(data as Float32Array)];
    }),
  );
}
