import type { JsonObject } from "../../pipeline/mod.ts";
import type { CodeParts } from "./code_parts.ts";
import { contentHash } from "./content_hash.ts";

/** Everything that decides what a step run would produce, by name. Stored with every result. */
export interface KeyParts {
  /** Name of the step. */
  readonly step: string;
  /** Module or package to its hash. */
  readonly code: CodeParts;
  /** Params with secrets as placeholders. */
  readonly params: JsonObject;
  /** Input slot to the content hash of the artifact. */
  readonly inputs: Readonly<Record<string, string>>;
  /** State outside the graph to what it resolved to. */
  readonly reads: Readonly<Record<string, string>>;
  /** Engine, device class, versions; empty for a step that uses no port. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A cache key: the hash of its parts. */
export async function cacheKey(parts: KeyParts): Promise<string> {
  const { step, code, params, inputs, reads, environment } = parts;
  return await contentHash("cache-key", {
    step,
    code: await contentHash("code", code),
    params: await contentHash("params", params),
    inputs: await contentHash("inputs", inputs),
    reads: await contentHash("reads", reads),
    environment: await contentHash("environment", environment),
  });
}
