import { Buckets, describeMetric } from "./buckets.ts";

/** The requests of one kind. */
interface RequestCount {
  readonly labels: string;
  readonly seconds: Buckets;
}

/** What beyond the limits is counted as. */
const OTHER = "other";

/** Routes and methods that are told apart; whoever makes up more of them fills no memory. */
const MOST_ROUTES = 100;
const MOST_METHODS = 10;

/** Counts requests by route, method and status. */
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
    if (methods === undefined) {
      if (this.#counts.size >= MOST_ROUTES && route !== OTHER) {
        return this.add(OTHER, method, status, seconds);
      }
      this.#counts.set(route, methods = new Map());
    }
    let statuses = methods.get(method);
    if (statuses === undefined) {
      if (methods.size >= MOST_METHODS && method !== OTHER) {
        return this.add(route, OTHER, status, seconds);
      }
      methods.set(method, statuses = new Map());
    }
    let found = statuses.get(status);
    if (found === undefined) {
      const labels = `route=${JSON.stringify(route)},method="${method}",status="${status}"`;
      statuses.set(status, found = { labels, seconds: new Buckets(this.#bounds) });
    }
    found.seconds.observe(seconds);
  }

  /** In the text format of Prometheus. */
  render(): string {
    const counts = [...this.#counts.values()]
      .flatMap((methods) => [...methods.values()])
      .flatMap((statuses) => [...statuses.values()]);
    const seconds = "http_request_duration_seconds";
    return [
      ...describeMetric("http_requests_total", "counter", "Requests that were answered"),
      ...counts.map(({ labels, seconds }) => `http_requests_total{${labels}} ${seconds.count}`),
      ...describeMetric(seconds, "histogram", "From the arrival of a request to its answer"),
      ...counts.flatMap((each) => each.seconds.render(seconds, each.labels)),
      "",
    ].join("\n");
  }
}
