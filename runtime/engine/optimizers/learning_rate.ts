import type { Schedule } from "../../../pipeline/engine_port.ts";

/**
 * The learning rate of an iteration.
 *
 * `linear` and `cosine` rise in a line to the peak during `warmup` iterations, then fall towards 0, which they would reach one
 * iteration after the last. `one-cycle` rises from a 25th of the peak and falls to a 250,000th of it.
 *
 * @param peak The optimizer's learning rate.
 * @param iteration 1 for the first.
 */
export function learningRateAt(schedule: Schedule, peak: number, iteration: number): number {
  if (schedule.kind === "constant") return peak;
  const { totalIterations } = schedule;
  if (schedule.kind === "one-cycle") {
    const top = (schedule.rise ?? 0.3) * totalIterations - 1; // iterations counted from 0, as PyTorch has it
    const at = Math.min(iteration, totalIterations) - 1;
    if (at <= top) return along(peak / 25, peak, top === 0 ? 1 : at / top);
    return along(peak, peak / 25e4, (at - top) / (totalIterations - 1 - top));
  }
  const { warmup = 0 } = schedule;
  if (iteration <= warmup) return peak * iteration / warmup;
  const done = Math.min(1, (iteration - 1 - warmup) / (totalIterations - warmup));
  return schedule.kind === "linear" ? peak * (1 - done) : along(peak, 0, done);
}

/** From one number to another along half a cosine. */
function along(from: number, to: number, done: number): number {
  return to + (from - to) * (1 + Math.cos(Math.PI * done)) / 2;
}
