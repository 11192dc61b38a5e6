import type { Optimizer } from "./optimizer.ts";

/** Slot that holds the moving average of the weights. */
export const AVERAGE = "average";

/** Place of the decay, and of the share of the new, among the scalars, behind those of any optimizer. */
const PLACE = 12;

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
      return [...scalars, ...unused, ...(iteration === 1 ? [0, 1] : [decay, 1 - decay])];
    },
    rule: `${optimizer.rule}
      ${AVERAGE} = s[${PLACE}] * ${AVERAGE} + s[${PLACE + 1}] * w;`,
  };
}
