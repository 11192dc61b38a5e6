import { defineFunction, type WasmFunction } from "../wasm/assemble.ts";
import { countUp, f32x4, i32 } from "../wasm/instructions.ts";
import { BYTES, type Places } from "./recurrence_memory.ts";

/** Shares of the old moments. */
export const BETA1 = 0.9;
export const BETA2 = 0.99;
const EPSILON = 1e-8;

/**
 * `adam(share, rate, correction)`: moves all dense weights by their gradients, times `share`, and empties these. `rate` is divided by
 * 1 - β1^t; `correction` is 1 / (1 - β2^t).
 *
 * @see Kingma & Ba, "Adam", 2015, algorithm 1.
 */
export function adamKernel(
  { gateScale, gateScaleGradients, means, meanSquares }: Places,
): WasmFunction {
  return defineFunction("adam", ["f32", "f32", "f32"], (newLocal, share, rate, correction) => {
    const at = newLocal("i32");
    const [slope, mean, square] = [newLocal("v128"), newLocal("v128"), newLocal("v128")];
    const weight = f32x4.load(at.get, gateScale.at);
    const gradient = f32x4.load(at.get, gateScaleGradients.at);
    const blend = (old: readonly number[], fresh: readonly number[], beta: number) =>
      f32x4.add(f32x4.mul(f32x4.of(beta), old), f32x4.mul(f32x4.of(1 - beta), fresh));
    const deviation = f32x4.sqrt(f32x4.mul(square.get, f32x4.splat(correction!.get)));
    const step = f32x4.div(
      f32x4.mul(f32x4.splat(rate!.get), mean.get),
      f32x4.add(deviation, f32x4.of(EPSILON)),
    );
    return countUp(at, {
      ...{ from: i32.of(0), end: i32.of(means.length * BYTES), step: 4 * BYTES },
      body: [
        ...slope.set(f32x4.mul(gradient, f32x4.splat(share!.get))),
        ...mean.set(blend(f32x4.load(at.get, means.at), slope.get, BETA1)),
        ...square.set(
          blend(f32x4.load(at.get, meanSquares.at), f32x4.mul(slope.get, slope.get), BETA2),
        ),
        ...f32x4.store(at.get, mean.get, means.at),
        ...f32x4.store(at.get, square.get, meanSquares.at),
        ...f32x4.store(at.get, f32x4.sub(weight, step), gateScale.at),
        ...f32x4.store(at.get, f32x4.of(0), gateScaleGradients.at),
      ],
    });
  });
}
