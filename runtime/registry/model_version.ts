import type { Json } from "../../pipeline/json.ts";
import { selectRows, type SqlRunner } from "../store/mod.ts";

/** What a version is. */
export type VersionState = "registered" | "approved" | "rejected" | "archived";

/** MLflow's old word for it, kept in step with aliases and state for its clients. */
export type Stage = "None" | "Staging" | "Production" | "Archived";

/** One version of a model. */
export interface VersionId {
  readonly name: string;
  /** 1, 2, 3 … */
  readonly version: number;
}

/** The n-th artifact of a registered model. Times are milliseconds since 1970. */
export interface ModelVersion extends VersionId {
  readonly state: VersionState;
  readonly stage: Stage;
  /** Sorted. */
  readonly aliases: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly description: string;
  /** Where MLflow's clients find its files. */
  readonly source: string;
  /** Content hash of the model folder; `null` when its bytes lie elsewhere. */
  readonly artifactHash: string | null;
  /** The run that made it. */
  readonly runId: string | null;
  readonly runLink: string | null;
  /** Metrics it was registered with. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What let it in. */
  readonly verdict: Json;
  readonly idempotencyKey: string | null;
  readonly userId: string | null;
  readonly creationTime: number;
  readonly lastUpdatedTime: number;
}

/** Versions that match a condition on the table `v`, newest first. */
export async function selectVersions(
  on: SqlRunner,
  condition: string,
  args: (string | number)[],
  { limit = -1, offset = 0 }: { readonly limit?: number; readonly offset?: number } = {},
): Promise<ModelVersion[]> {
  const rows = await selectRows<VersionRow>(
    on,
    `SELECT v.name, v.version, v.state, v.stage, v.description, v.source,
       v.artifact_hash AS artifactHash, v.run_id AS runId, v.run_link AS runLink, v.metrics,
       v.verdict, v.idempotency_key AS idempotencyKey, v.user_id AS userId,
       v.creation_time AS creationTime, v.last_updated_time AS lastUpdatedTime,
       (SELECT json_group_array(alias) FROM (SELECT alias FROM model_aliases a
         WHERE a.name = v.name AND a.version = v.version ORDER BY alias)) AS aliases,
       (SELECT json_group_object(key, value) FROM model_version_tags t
         WHERE t.name = v.name AND t.version = v.version) AS tags
     FROM model_versions v WHERE v.stage != 'Deleted_Internal' AND ${condition}
     ORDER BY v.name, v.version DESC LIMIT ${Math.trunc(limit)} OFFSET ${Math.trunc(offset)}`,
    args,
  );
  return rows.map((row) => ({
    ...row,
    aliases: JSON.parse(row.aliases),
    tags: JSON.parse(row.tags),
    metrics: parseMetrics(row.metrics),
    verdict: row.verdict === null ? null : JSON.parse(row.verdict),
  }));
}

/** Metrics as JSON, which has no NaN and no infinities: they become texts. */
export function renderMetrics(metrics: Readonly<Record<string, number>>): string {
  return JSON.stringify(
    metrics,
    (_, value) => typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/** Reads what `renderMetrics` wrote. */
export function parseMetrics(text: string): Record<string, number> {
  const entries = Object.entries(JSON.parse(text) as Record<string, number | string>);
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)]));
}

type VersionRow =
  & Omit<ModelVersion, "aliases" | "tags" | "metrics" | "verdict">
  & { aliases: string; tags: string; metrics: string; verdict: string | null };
