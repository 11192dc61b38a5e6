/** How many requests of one kind were answered, and how long they took. */
interface RequestCount {
  readonly labels: string;
  count: number;
  sum: number;
  /** Requests no longer than each bound. */
  readonly within: Float64Array;
}

/**
 * Counts requests by route, method and status. Every request passes here, so that it is a few additions and no more:
 * a library that looks up its series by labels takes as long as a small model.
 */
export class RequestCounts {
  readonly #bounds: readonly number[];
  /** By route, then by method, then by status: joined into one key they would be a new text every time. */
  readonly #counts = new Map<string, Map<string, Map<number, RequestCount>>>();

  /** @param bounds Upper bounds of the buckets, in seconds, rising. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  /** @param route One of few: it becomes a label. */
  add(route: string, method: string, status: number, seconds: number): void {
    let methods = this.#counts.get(route);
    if (methods === undefined) this.#counts.set(route, methods = new Map());
    let statuses = methods.get(method);
    if (statuses === undefined) methods.set(method, statuses = new Map());
    let found = statuses.get(status);
    if (found === undefined) {
      const labels = `route=${JSON.stringify(route)},method="${method}",status="${status}"`;
      found = { labels, count: 0, sum: 0, within: new Float64Array(this.#bounds.length) };
      statuses.set(status, found);
    }
    found.count++;
    found.sum += seconds;
    const place = this.#bounds.findIndex((bound) => seconds <= bound);
    if (place >= 0) found.within[place]!++;
  }

  /** In the text format of Prometheus. */
  render(): string {
    const lines = [
      "# HELP http_requests_total Requests that were answered",
      "# TYPE http_requests_total counter",
    ];
    const counts = [...this.#counts.values()]
      .flatMap((methods) => [...methods.values()])
      .flatMap((statuses) => [...statuses.values()]);
    for (const { labels, count } of counts) lines.push(`http_requests_total{${labels}} ${count}`);
    const name = "http_request_duration_seconds";
    lines.push(
      `# HELP ${name} From the arrival of a request to its answer`,
      `# TYPE ${name} histogram`,
    );
    for (const { labels, count, sum, within } of counts) {
      let below = 0;
      this.#bounds.forEach((bound, place) => {
        below += within[place]!;
        lines.push(`${name}_bucket{${labels},le="${bound}"} ${below}`);
      });
      lines.push(`${name}_bucket{${labels},le="+Inf"} ${count}`);
      lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${count}`);
    }
    return `${lines.join("\n")}\n`;
  }
}
