import type { TrainingOptions } from "../../../pipeline/engine_port.ts";
import { adam } from "./adam.ts";
import { averaged } from "./averaged.ts";
import type { Optimizer } from "./optimizer.ts";
import { adagrad, rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

export { AVERAGE } from "./averaged.ts";
export { learningRateAt } from "./learning_rate.ts";
export { openElementLoop } from "./element_loop.ts";
export { type Optimizer, updateRule, updateScalars } from "./optimizer.ts";

/** The optimizer that the options ask for. */
export function openOptimizer(
  { optimizer, averageDecay }: Pick<TrainingOptions, "optimizer" | "averageDecay">,
): Optimizer {
  const opened = ruleOf(optimizer);
  return averageDecay === undefined ? opened : averaged(opened, averageDecay);
}

function ruleOf(options: TrainingOptions["optimizer"]): Optimizer {
  switch (options.kind) {
    case "adam":
    case "adamw":
      return adam(options);
    case "sgd":
      return sgd(options);
    case "rmsprop":
      return rmsprop(options);
    case "adagrad":
      return adagrad(options);
  }
}
