import process from "node:process";
import { type GpuFacts, readGpus } from "./gpu_facts.ts";

/** One look at the machine. */
export interface SystemPoint {
  /** Named like MLflow's system metrics, unit in the name. */
  readonly name: string;
  readonly value: number;
}

const MEGABYTE = 1e6;

/** How a machine is watched. */
export interface WatchOptions {
  /** Time between two looks, in milliseconds. @default 2000 */
  readonly everyMs?: number;
  /** @default those of this machine */
  readonly gpus?: (options: { readonly signal: AbortSignal }) => Promise<readonly GpuFacts[]>;
}

/**
 * Samples CPU and memory of this process, and what the graphics cards do, while a run goes on. A run that is over
 * before the second look tells nothing of the cards: asking them takes longer.
 *
 * @param record Told every point; `sample` counts from 0.
 * @returns A stop that takes one last sample, so that a short run has one too.
 */
export function watchSystem(
  record: (point: SystemPoint, sample: number) => void,
  { everyMs = 2000, gpus = readGpus }: WatchOptions = {},
): () => Promise<void> {
  let before = { at: performance.now(), cpu: cpuMilliseconds() };
  let sample = 0;
  let asking: Promise<void> | undefined;
  const stopping = new AbortController();
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
  const askCards = async (at: number): Promise<void> => {
    for (const point of (await gpus({ signal: stopping.signal })).flatMap(gpuPoints)) {
      record(point, at);
    }
  };
  const take = (): void => {
    const at = sample;
    attempt(look);
    asking ??= askCards(at).catch(() => {}).finally(() => asking = undefined);
  };
  const timer = setInterval(take, everyMs);
  Deno.unrefTimer(timer);
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await asking;
    attempt(look);
  };
}

/** A run does not fail because it could not be watched; a full disk is told by the steps. */
function attempt(look: () => void): void {
  try {
    look();
  } catch {
    // The next look may see more.
  }
}

/** What a card tells, by MLflow's names. */
function gpuPoints(gpu: GpuFacts): readonly SystemPoint[] {
  const { index, utilization, memoryUsedMegabytes: used, memoryTotalMegabytes: total } = gpu;
  const values = {
    utilization_percentage: utilization,
    memory_usage_megabytes: used,
    memory_usage_percentage: used === null || !total ? null : 100 * used / total,
    power_usage_watts: gpu.powerWatts,
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [{ name: `system/gpu_${index}_${name}`, value: round(value) }]
  );
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
