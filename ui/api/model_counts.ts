import type { Answer, BatchFacts } from "../../runtime/serving/mod.ts";
import { Buckets, describeMetric } from "./buckets.ts";

/** What is counted of one version. */
interface VersionCounts {
  /** `model="digits",version="3"` */
  readonly labels: string;
  readonly answered: Map<string, number>;
  readonly scores: Buckets;
  readonly queued: Buckets;
  readonly computed: Buckets;
  readonly rows: Buckets;
}

const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const SCORES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/** Counts what versions of models answer, and how long it takes them. */
export class ModelCounts {
  readonly #seconds: readonly number[];
  readonly #counts = new Map<string, Map<number, VersionCounts>>();

  /** @param seconds Upper bounds of the buckets of time, rising. */
  constructor(seconds: readonly number[]) {
    this.#seconds = seconds;
  }

  /** One answered request. */
  prediction(model: string, version: number, answers: readonly Answer[]): void {
    const { answered, scores } = this.#of(model, version);
    for (const { label, confidence } of answers) {
      answered.set(label, (answered.get(label) ?? 0) + 1);
      scores.observe(confidence);
    }
  }

  /** One batch that a version ran. */
  batch(model: string, version: number, { rows, waitedMs, computeMs }: BatchFacts): void {
    const counts = this.#of(model, version);
    counts.rows.observe(rows);
    counts.queued.observe(waitedMs / 1000);
    counts.computed.observe(computeMs / 1000);
  }

  /** In the text format of Prometheus. */
  render(): string {
    const all = [...this.#counts.values()].flatMap((versions) => [...versions.values()]);
    const latency = "model_prediction_latency_seconds";
    return [
      ...describeMetric(
        "model_predictions_total",
        "counter",
        "Rows that a version answered with a class",
      ),
      ...all.flatMap(({ labels, answered }) =>
        [...answered].map(([label, count]) =>
          `model_predictions_total{${labels},class="${escaped(label)}"} ${count}`
        )
      ),
      ...describeMetric(
        "model_prediction_score",
        "histogram",
        "How sure a version was of its answer, 0 to 1",
      ),
      ...all.flatMap(({ labels, scores }) => scores.render("model_prediction_score", labels)),
      ...describeMetric(
        latency,
        "histogram",
        "How long the oldest request of a batch waited (queue), and how long the batch took (compute)",
      ),
      ...all.flatMap(({ labels, queued, computed }) => [
        ...queued.render(latency, `${labels},stage="queue"`),
        ...computed.render(latency, `${labels},stage="compute"`),
      ]),
      ...describeMetric("model_batch_size", "histogram", "Rows that ran together"),
      ...all.flatMap(({ labels, rows }) => rows.render("model_batch_size", labels)),
      "",
    ].join("\n");
  }

  #of(model: string, version: number): VersionCounts {
    let versions = this.#counts.get(model);
    if (versions === undefined) this.#counts.set(model, versions = new Map());
    let counts = versions.get(version);
    if (counts === undefined) {
      counts = {
        labels: `model="${escaped(model)}",version="${version}"`,
        answered: new Map(),
        scores: new Buckets(SCORES),
        queued: new Buckets(this.#seconds),
        computed: new Buckets(this.#seconds),
        rows: new Buckets(ROWS),
      };
      versions.set(version, counts);
    }
    return counts;
  }
}

/** A label's value as Prometheus reads it. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
