/** State outside the graph that a step reads: what it resolves to is part of the step's cache key. */
export type Read =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "url"; readonly url: string; readonly ttlSeconds?: number }
  | { readonly kind: "champion"; readonly model: string };

/** A file: its content is keyed. A relative path starts at the pipeline's folder. */
export function file(path: string): Read {
  return { kind: "file", path };
}

/** A URL: its ETag is keyed, or its content once a `ttlSeconds` has passed. */
export function url(
  address: string,
  options: { readonly ttlSeconds?: number } = {},
): Read {
  return { kind: "url", url: address, ...options };
}

/** The current champion of a model: its version is keyed. */
export function champion(model: string): Read {
  return { kind: "champion", model };
}
