/** A histogram as Prometheus reads it. To observe is a few additions: a library that looks up its series by labels takes as long as a small model. */
export class Buckets {
  readonly #bounds: readonly number[];
  /** Values in each bucket and in none below it; those above the last bound are only counted. */
  readonly #within: Float64Array;
  #count = 0;
  #sum = 0;

  /** @param bounds Upper bounds of the buckets, rising. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#within = new Float64Array(bounds.length);
  }

  get count(): number {
    return this.#count;
  }

  observe(value: number): void {
    this.#count++;
    this.#sum += value;
    let place = 0;
    while (place < this.#bounds.length && value > this.#bounds[place]!) place++;
    if (place < this.#bounds.length) this.#within[place]!++;
  }

  /** @param labels `a="1",b="2"`, escaped. */
  render(name: string, labels: string): readonly string[] {
    let below = 0;
    const lines = this.#bounds.map((bound, place) => {
      below += this.#within[place]!;
      return `${name}_bucket{${labels},le="${bound}"} ${below}`;
    });
    return [
      ...lines,
      `${name}_bucket{${labels},le="+Inf"} ${this.#count}`,
      `${name}_sum{${labels}} ${this.#sum}`,
      `${name}_count{${labels}} ${this.#count}`,
    ];
  }
}

/** The two lines that stand before a metric. */
export function describeMetric(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}
