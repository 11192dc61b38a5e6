import type { Json } from "../../pipeline/mod.ts";

/** What can be hashed: JSON without NaN and infinities. */
export type Hashable = Json;

/** What is hashed, so that equal content of two sorts never gets one hash. */
export type HashTag =
  | "artifact"
  | "cache-key"
  | "code"
  | "environment"
  | "inputs"
  | "npm"
  | "params"
  | "port"
  | "reads"
  | "request";

/** A file of an artifact. */
export interface ArtifactFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  readonly size: number;
}

/**
 * SHA-256 of a tag and a canonical JSON text, 64 hex digits.
 *
 * @throws {RangeError} For NaN and infinities, which JSON cannot hold.
 */
export async function contentHash(tag: HashTag, content: Hashable): Promise<string> {
  return await sha256(new TextEncoder().encode(`${tag}\n${canonicalJson(content)}`));
}

/** The content hash of an artifact: of its kind and files, in the order of their paths. */
export function artifactHash(kind: string, files: readonly ArtifactFile[]): Promise<string> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return contentHash("artifact", {
    kind,
    files: sorted.map(({ path, hash, size }) => ({ path, hash, size })),
  });
}

/** SHA-256 of bytes, 64 hex digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

/**
 * JSON with sorted keys and no white space: equal values give equal text.
 * Keys with the value `undefined` are left out, as in `JSON.stringify`.
 */
export function canonicalJson(value: Hashable): string {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`Cannot hash ${value}: JSON cannot hold it`);
    return JSON.stringify(value);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${entries.join(",")}}`;
}
