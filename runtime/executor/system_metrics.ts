import process from "node:process";

/** One look at the machine. */
export interface SystemPoint {
  /** Named like MLflow's system metrics, unit in the name. */
  readonly name: string;
  readonly value: number;
}

const MEGABYTE = 1e6;

/**
 * Samples CPU and memory of this process while a run goes on.
 *
 * @param record Told every point; `sample` counts from 0.
 * @returns A stop that takes one last sample, so that a short run has one too.
 */
export function watchSystem(
  record: (point: SystemPoint, sample: number) => void,
  everyMs: number = 2000,
): () => void {
  let before = { at: performance.now(), cpu: cpuMilliseconds() };
  let sample = 0;
  const take = (): void => {
    try {
      look();
    } catch {
      // A run does not fail because it could not be watched; a full disk is told by the steps.
    }
  };
  const look = (): void => {
    const now = { at: performance.now(), cpu: cpuMilliseconds() };
    const elapsed = now.at - before.at;
    if (elapsed <= 0) return;
    const cpu = 100 * (now.cpu - before.cpu) / elapsed / navigator.hardwareConcurrency;
    before = now;
    const memory = Deno.systemMemoryInfo();
    record({ name: "system/cpu_utilization_percentage", value: round(cpu) }, sample);
    record({
      name: "system/process_memory_megabytes",
      value: round(Deno.memoryUsage().rss / MEGABYTE),
    }, sample);
    record({
      name: "system/system_memory_usage_percentage",
      value: round(100 * (1 - memory.available / memory.total)),
    }, sample);
    sample++;
  };
  const timer = setInterval(take, everyMs);
  Deno.unrefTimer(timer);
  return () => {
    clearInterval(timer);
    take();
  };
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
