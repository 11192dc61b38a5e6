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
  /** Whether it was asked since the last look: cheaper for a request than to note the time. */
  isAsked: boolean;
  /** The look that found it asked, in milliseconds. */
  askedAt: number;
}

/** Whether a version answers for an alias, or is loaded. */
export type IsServed = (model: string, version: number) => boolean;

/** A version that is no longer served is told for so long after the last question: whoever collects has seen it. */
const KEPT_MS = 3600_000;

const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const SCORES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/** Counts what versions of models answer, and how long it takes them. */
export class ModelCounts {
  readonly #seconds: readonly number[];
  readonly #now: () => number;
  readonly #counts = new Map<string, Map<number, VersionCounts>>();
  #isServed: IsServed = () => false;

  /**
   * @param seconds Upper bounds of the buckets of time, rising.
   * @param now Milliseconds since any moment.
   */
  constructor(seconds: readonly number[], now: () => number = () => performance.now()) {
    this.#seconds = seconds;
    this.#now = now;
  }

  /** One answered request. */
  prediction(model: string, version: number, answers: readonly Answer[]): void {
    const counts = this.#of(model, version);
    counts.isAsked = true;
    const { answered, scores } = counts;
    for (const { label, confidence } of answers) {
      answered.set(label, (answered.get(label) ?? 0) + 1);
      scores.observe(confidence);
    }
  }

  /** One batch that a version ran. */
  batch(model: string, version: number, { rows, waitedMs, computeMs }: BatchFacts): void {
    const counts = this.#of(model, version);
    counts.isAsked = true;
    counts.rows.observe(rows);
    counts.queued.observe(waitedMs / 1000);
    counts.computed.observe(computeMs / 1000);
  }

  /** In the text format of Prometheus. What nobody serves or has asked for an hour is left out, and forgotten. */
  render(isServed: IsServed): string {
    this.#isServed = isServed;
    this.#forget();
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

  /** A server whose model changes daily must not tell of a thousand versions after some years. */
  #forget(): void {
    const now = this.#now();
    for (const [model, versions] of this.#counts) {
      for (const [version, counts] of versions) {
        if (counts.isAsked) {
          counts.isAsked = false;
          counts.askedAt = now;
        } else if (now - counts.askedAt > KEPT_MS && !this.#isServed(model, version)) {
          versions.delete(version);
        }
      }
      if (versions.size === 0) this.#counts.delete(model);
    }
  }

  #of(model: string, version: number): VersionCounts {
    let versions = this.#counts.get(model);
    let counts = versions?.get(version);
    if (counts === undefined) {
      // Where nobody collects, this is the moment to look.
      this.#forget();
      versions = this.#counts.get(model) ?? new Map();
      this.#counts.set(model, versions);
      counts = {
        labels: `model="${escaped(model)}",version="${version}"`,
        answered: new Map(),
        scores: new Buckets(SCORES),
        queued: new Buckets(this.#seconds),
        computed: new Buckets(this.#seconds),
        rows: new Buckets(ROWS),
        isAsked: true,
        askedAt: this.#now(),
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
