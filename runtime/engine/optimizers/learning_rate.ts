import type { Schedule } from "../../../pipeline/engine_port.ts";

/**
 * The learning rate of an iteration.
 *
 * During `warmup` iterations it rises in a line from 0; then it falls to 0 at `totalIterations`, in a line or along half a cosine.
 *
 * @param peak The optimizer's learning rate.
 * @param iteration 1 for the first.
 */
export function learningRateAt(schedule: Schedule, peak: number, iteration: number): number {
  if (schedule.kind === "constant") return peak;
  const { warmup = 0, totalIterations } = schedule;
  if (iteration <= warmup) return peak * iteration / warmup;
  const rest = Math.max(1, totalIterations - warmup);
  const done = Math.min(1, (iteration - 1 - warmup) / rest);
  return peak * (schedule.kind === "linear" ? 1 - done : (1 + Math.cos(Math.PI * done)) / 2);
}
