import { deepEqual, equal, ok } from "node:assert/strict";
import { watchSystem } from "./system_metrics.ts";

const CARD = {
  index: 0,
  utilization: 87.25,
  memoryUsedMegabytes: 250,
  memoryTotalMegabytes: 1000,
  powerWatts: null,
};

Deno.test("watchSystem() tells of CPU, memory and graphics cards by MLflow's names", async () => {
  const seen = new Map<string, number>();
  const told = Promise.withResolvers<void>();
  const stop = watchSystem(({ name, value }) => {
    seen.set(name, value);
    if (name.includes("gpu_0_memory_usage_percentage")) told.resolve();
  }, { everyMs: 1, gpus: () => Promise.resolve([CARD]) });

  await awake(told.promise);
  await stop();

  deepEqual([...seen.keys()].toSorted(), [
    "system/cpu_utilization_percentage",
    "system/gpu_0_memory_usage_megabytes",
    "system/gpu_0_memory_usage_percentage",
    "system/gpu_0_utilization_percentage",
    "system/process_memory_megabytes",
    "system/system_memory_usage_percentage",
  ]);
  equal(seen.get("system/gpu_0_memory_usage_percentage"), 25);
  ok(seen.get("system/process_memory_megabytes")! > 10);
});

Deno.test("watchSystem() of a short run takes one look, and asks no card", async () => {
  const names: string[] = [];
  const stop = watchSystem(({ name }) => names.push(name), {
    gpus: () => Promise.reject(new Error("asked in vain")),
  });

  await stop();

  equal(names.length, 3);
});

Deno.test("watchSystem() that is stopped waits for no card", async () => {
  const asked = Promise.withResolvers<void>();
  const stop = watchSystem(() => {}, {
    everyMs: 1,
    gpus: ({ signal }) => {
      asked.resolve();
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    },
  });
  await awake(asked.promise);

  await stop();
});

/** The watch itself keeps no process alive. */
async function awake(promise: Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, 1000);
  await promise.finally(() => clearInterval(timer));
}
