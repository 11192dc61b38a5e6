import type { Optimizer } from "./optimizer.ts";

/** Slot that holds the moving average of the weights. */
export const AVERAGE = "average";

/** Place of the decay among the scalars, behind those of any optimizer. */
const PLACE = 8;

/**
 * An optimizer that also keeps a moving average of the weights: average = decay * average + (1 - decay) * w.
 *
 * The first iteration takes the weights as they are, so that the average is not drawn towards 0.
 *
 * @see Polyak & Juditsky 1992.
 */
export function averaged(optimizer: Optimizer, decay: number): Optimizer {
  return {
    kind: `${optimizer.kind}+average`,
    slots: [...optimizer.slots, AVERAGE],
    scalars(iteration, learningRate, shape) {
      const scalars = optimizer.scalars(iteration, learningRate, shape);
      const unused = new Array<number>(PLACE - scalars.length).fill(0);
      return [...scalars, ...unused, iteration === 1 ? 0 : decay];
    },
    update({ weight, gradient, slots }, s) {
      optimizer.update({ weight, gradient, slots: slots.slice(0, -1) }, s);
      const average = slots.at(-1)!;
      const keep = s[PLACE]!;
      for (let i = 0; i < average.length; i++) {
        average[i] = keep * average[i]! + (1 - keep) * weight[i]!;
      }
    },
    wgsl: `${optimizer.wgsl}
      ${AVERAGE} = s[${PLACE}] * ${AVERAGE} + (1.0 - s[${PLACE}]) * w;`,
  };
}
