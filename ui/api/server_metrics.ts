import type { Answer, BatchFacts, ServedAlias } from "../../runtime/serving/mod.ts";
import { RequestCounts } from "./request_counts.ts";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What the server counts, as Prometheus reads it. */
export interface ServerMetrics {
  /** One answered request. */
  request(facts: { route: string; method: string; status: number; seconds: number }): void;
  /** One answered prediction. */
  prediction(model: string, version: number, answers: readonly Answer[]): void;
  /** One batch that a model ran. */
  batch(model: string, version: number, batch: BatchFacts): void;
  /** @param live What changes by itself and is asked when somebody reads. */
  render(
    live: { readonly served: readonly ServedAlias[]; readonly queued: QueuedRows },
  ): Promise<string>;
  readonly contentType: string;
}

/** Rows that wait for a version: `[model, version, rows]`. */
export type QueuedRows = readonly (readonly [string, number, number])[];

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Starts to count. */
export function openServerMetrics(): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new RequestCounts(SECONDS);
  const predictions = new Counter({
    name: "model_predictions_total",
    help: "Rows that a version answered with a class",
    labelNames: ["model", "version", "class"],
    registers,
  });
  const latency = new Histogram({
    name: "model_prediction_latency_seconds",
    help:
      "How long the oldest request of a batch waited (queue), and how long the batch took (compute)",
    labelNames: ["model", "version", "stage"],
    buckets: SECONDS,
    registers,
  });
  const batchSize = new Histogram({
    name: "model_batch_size",
    help: "Rows that ran together",
    labelNames: ["model", "version"],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    registers,
  });
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
  // Finding a series by its labels costs the library more than a small model needs: rows are counted here.
  const answered = new Map<string, Map<number, Map<string, number>>>();
  return {
    request({ route, method, status, seconds }) {
      requests.add(route, method, status, seconds);
    },
    prediction(model, version, answers) {
      let versions = answered.get(model);
      if (versions === undefined) answered.set(model, versions = new Map());
      let classes = versions.get(version);
      if (classes === undefined) versions.set(version, classes = new Map());
      for (const { label } of answers) classes.set(label, (classes.get(label) ?? 0) + 1);
    },
    batch(model, number, { rows, waitedMs, computeMs }) {
      const version = String(number);
      batchSize.observe({ model, version }, rows);
      latency.observe({ model, version, stage: "queue" }, waitedMs / 1000);
      latency.observe({ model, version, stage: "compute" }, computeMs / 1000);
    },
    async render({ served, queued }) {
      predictions.reset();
      for (const [model, versions] of answered) {
        for (const [version, classes] of versions) {
          for (const [label, count] of classes) {
            predictions.inc({ model, version: String(version), class: label }, count);
          }
        }
      }
      loaded.reset();
      for (const { name, alias, serving } of served) {
        if (serving !== null) loaded.set({ model: name, version: String(serving), alias }, 1);
      }
      depth.reset();
      for (const [model, version, rows] of queued) {
        depth.set({ model, version: String(version) }, rows);
      }
      memory.set(Deno.memoryUsage().rss);
      return `${requests.render()}${await registry.metrics()}\n`;
    },
    contentType: registry.contentType,
  };
}
