import type { ModelVersion } from "../../runtime/registry/mod.ts";

/** A model version as `--json` prints it. */
export interface VersionDocument {
  readonly name: string;
  readonly version: number;
  readonly state: string;
  readonly aliases: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly run_id: string | null;
  readonly artifact: string | null;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** ISO-8601, UTC. */
  readonly created_at: string;
  readonly user: string | null;
}

/** The document of a version. */
export function versionDocument(version: ModelVersion): VersionDocument {
  return {
    name: version.name,
    version: version.version,
    state: version.state,
    aliases: version.aliases,
    metrics: version.metrics,
    run_id: version.runId,
    artifact: version.artifactHash,
    description: version.description,
    tags: version.tags,
    created_at: new Date(version.creationTime).toISOString(),
    user: version.userId,
  };
}

/** `digits version 4`, with its aliases when it has any. */
export function renderVersion(
  { name, version, aliases }: Pick<ModelVersion, "name" | "version" | "aliases">,
): string {
  return `${name} version ${version}${aliases.length === 0 ? "" : ` (${aliases.join(", ")})`}`;
}
