import { Gauge, Registry } from "prom-client";
import type { VersionDrift } from "../../runtime/drift/mod.ts";
import type { Answer, BatchFacts, ServedAlias } from "../../runtime/serving/mod.ts";
import { openDriftGauges } from "./drift_gauges.ts";
import { type IsServed, ModelCounts } from "./model_counts.ts";
import { RequestCounts } from "./request_counts.ts";

/** What the server counts, as Prometheus reads it. */
export interface ServerMetrics {
  /** One answered request. */
  request(facts: { route: string; method: string; status: number; seconds: number }): void;
  /** One answered prediction. */
  prediction(model: string, version: number, answers: readonly Answer[]): void;
  /** One batch that a model ran. */
  batch(model: string, version: number, batch: BatchFacts): void;
  /** @param live What changes by itself and is asked when somebody reads. */
  render(live: LiveFacts): Promise<string>;
  readonly contentType: string;
}

/** What changes by itself. */
export interface LiveFacts {
  readonly served: readonly ServedAlias[];
  readonly queued: QueuedRows;
  /** Of the versions that answer. */
  readonly drift: readonly VersionDrift[];
}

/** Rows that wait for a version: `[model, version, rows]`. */
export type QueuedRows = readonly (readonly [string, number, number])[];

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Starts to count. What happens with every request is counted by ourselves, the rest by the library. */
export function openServerMetrics(): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new RequestCounts(SECONDS);
  const models = new ModelCounts(SECONDS);
  const depth = new Gauge({
    name: "model_queue_depth",
    help: "Rows that wait",
    labelNames: ["model", "version"],
    registers,
  });
  const loaded = new Gauge({
    name: "model_loaded",
    help: "1 for the version that answers for an alias",
    labelNames: ["model", "version", "alias"],
    registers,
  });
  const memory = new Gauge({
    name: "process_resident_memory_bytes",
    help: "Memory of the process",
    registers,
  });
  const start = new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, since 1970",
    registers,
  });
  start.set((performance.timeOrigin) / 1000);
  const setDrift = openDriftGauges(registry);
  return {
    request({ route, method, status, seconds }) {
      requests.add(route, method, status, seconds);
    },
    prediction: (model, version, answers) => models.prediction(model, version, answers),
    batch: (model, version, batch) => models.batch(model, version, batch),
    async render({ served, queued, drift }) {
      loaded.reset();
      for (const { name, alias, serving } of served) {
        if (serving !== null) loaded.set({ model: name, version: String(serving), alias }, 1);
      }
      depth.reset();
      for (const [model, version, rows] of queued) {
        depth.set({ model, version: String(version) }, rows);
      }
      setDrift(drift);
      memory.set(Deno.memoryUsage().rss);
      const told = new Set([
        ...served.map(({ name, serving }) => `${serving}/${name}`),
        ...queued.map(([name, version]) => `${version}/${name}`),
      ]);
      const isServed: IsServed = (model, version) => told.has(`${version}/${model}`);
      return `${requests.render()}${models.render(isServed)}${await registry.metrics()}\n`;
    },
    contentType: registry.contentType,
  };
}
