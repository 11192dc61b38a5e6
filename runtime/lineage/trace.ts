import { ExplainedError } from "../../pipeline/explained_error.ts";
import { getVersion, type ModelVersion, selectVersions, type VersionId } from "../registry/mod.ts";
import {
  findArtifact,
  findKeyParts,
  getRun,
  type LineageEdge,
  listEdges,
  listStepRuns,
  selectRows,
  type StepRun,
  type Store,
} from "../store/mod.ts";
import type { LineageArrow, LineageGraph, LineageNode } from "./lineage_graph.ts";

/** Which way to look. */
export type LineageDirection = "ancestors" | "descendants" | "both";

/**
 * Where an artifact or a model version came from (back to the bytes of the data, the code and the
 * config), and what was made of it.
 *
 * Many runs can have made or read one artifact. Backwards the run that made the version is
 * followed, else the first that made the artifact; forwards one step run stands for all with its key.
 *
 * @param subject Content hash of an artifact or its start (from 6 digits), a file that a step read (its path as
 * the step has it, or the start of its hash), or a model version as `getVersion` reads it.
 * @throws {ExplainedError} `lineage/unknown`, `lineage/ambiguous`.
 */
export async function trace(
  store: Store,
  subject: string | VersionId,
  direction: LineageDirection,
): Promise<LineageGraph> {
  const walk: Walk = { store, nodes: new Map(), arrows: new Map(), records: new Map() };
  const found = await resolveSubject(store, subject);
  const artifact = typeof found === "string" ? found : found.artifactHash;
  if (typeof found !== "string") addVersion(walk, found);
  const root = typeof found === "string" ? artifactId(found) : versionId(found);
  if (artifact !== null) {
    await addArtifact(walk, artifact);
    const startRun = typeof found === "string" ? null : found.runId;
    if (direction !== "descendants") await walkBack(walk, artifact, startRun);
    if (direction !== "ancestors") await walkForth(walk, artifact);
  }
  const runIds = new Set<string>();
  for (const node of walk.nodes.values()) {
    if (node.type === "step-run") runIds.add(node.stepRun.runId);
  }
  return {
    root,
    nodes: [...walk.nodes.values()],
    arrows: [...walk.arrows.values()],
    runs: await Promise.all([...runIds].map((runId) => getRun(store, runId))),
  };
}

/** A graph that grows. */
interface Walk {
  readonly store: Store;
  readonly nodes: Map<string, LineageNode>;
  readonly arrows: Map<string, LineageArrow>;
  /** What is known of a run, read once. */
  readonly records: Map<string, Promise<RunRecord>>;
}

interface RunRecord {
  readonly stepRuns: readonly StepRun[];
  readonly edges: readonly (LineageEdge & { readonly node: string })[];
}

interface StepRunId {
  readonly runId: string;
  readonly node: string;
}

async function walkBack(walk: Walk, hash: string, inRun: string | null): Promise<void> {
  const maker = await findMaker(walk.store, hash, inRun);
  if (maker === undefined) return;
  const isNew = await addStepRun(walk, maker);
  for (const { direction, slot, artifact } of await edgesOf(walk, maker)) {
    if (direction === "produced") {
      if (artifact === hash) addArrow(walk, stepRunId(maker), artifactId(hash), slot);
      continue;
    }
    await addArtifact(walk, artifact);
    addArrow(walk, artifactId(artifact), stepRunId(maker), slot);
    if (isNew) await walkBack(walk, artifact, maker.runId);
  }
}

async function walkForth(walk: Walk, hash: string): Promise<void> {
  for (const version of await selectVersions(walk.store.client, "v.artifact_hash = ?", [hash])) {
    addVersion(walk, version);
    addArrow(walk, artifactId(hash), versionId(version), "model");
  }
  for (const reader of await findReaders(walk.store, hash)) {
    const isNew = await addStepRun(walk, reader);
    for (const { direction, slot, artifact } of await edgesOf(walk, reader)) {
      if (direction === "consumed") {
        if (artifact === hash) addArrow(walk, artifactId(hash), stepRunId(reader), slot);
        continue;
      }
      await addArtifact(walk, artifact);
      addArrow(walk, stepRunId(reader), artifactId(artifact), slot);
      if (isNew) await walkForth(walk, artifact);
    }
  }
}

/** The step run that made an artifact: in the given run, else the first that did the work. */
async function findMaker(
  store: Store,
  hash: string,
  inRun: string | null,
): Promise<StepRunId | undefined> {
  const first = async (condition: string, args: string[]): Promise<StepRunId | undefined> => {
    const [maker] = await selectRows<StepRunId>(
      store.client,
      `SELECT e.run_id AS runId, e.node FROM lineage_edges e
       JOIN step_runs s ON s.run_id = e.run_id AND s.node = e.node
       WHERE ${condition} AND e.direction = 'produced'
       ORDER BY s.status != 'succeeded', s.ended_at, e.rowid LIMIT 1`,
      args,
    );
    return maker;
  };
  // The few edges of that run before those of the thousands that took the artifact from the cache.
  const own = inRun === null
    ? undefined
    : await first("e.run_id = ? AND +e.artifact_hash = ?", [inRun, hash]);
  return own ?? await first("e.artifact_hash = ?", [hash]);
}

/** The step runs that read an artifact; of those with one cache key the first that did the work. */
async function findReaders(store: Store, hash: string): Promise<StepRunId[]> {
  return await selectRows(
    store.client,
    `SELECT runId, node FROM (
       SELECT e.run_id AS runId, e.node, s.ended_at, row_number() OVER (
         PARTITION BY coalesce(s.cache_key, e.run_id || ' ' || e.node)
         ORDER BY s.status != 'succeeded', s.ended_at, e.rowid) AS place
       FROM lineage_edges e JOIN step_runs s ON s.run_id = e.run_id AND s.node = e.node
       WHERE e.artifact_hash = ? AND e.direction = 'consumed'
     ) WHERE place = 1 ORDER BY ended_at, runId, node`,
    [hash],
  );
}

function addVersion(walk: Walk, version: ModelVersion): void {
  const { name, aliases } = version;
  const id = versionId(version);
  walk.nodes.set(id, { type: "version", id, name, version: version.version, aliases });
  if (version.artifactHash !== null) addArrow(walk, artifactId(version.artifactHash), id, "model");
}

async function addArtifact(walk: Walk, hash: string): Promise<void> {
  const id = artifactId(hash);
  if (walk.nodes.has(id)) return;
  const found = await findArtifact(walk.store, hash);
  walk.nodes.set(id, {
    type: "artifact",
    id,
    hash,
    kind: found?.kind ?? null,
    files: found?.files ?? [],
  });
}

async function addStepRun(walk: Walk, stepRun: StepRunId): Promise<boolean> {
  const id = stepRunId(stepRun);
  if (walk.nodes.has(id)) return false;
  const { stepRuns } = await recordOf(walk, stepRun.runId);
  const found = stepRuns.find(({ node }) => node === stepRun.node)!;
  const parts = found.cacheKey === null
    ? undefined
    : await findKeyParts(walk.store, found.cacheKey);
  walk.nodes.set(id, { type: "step-run", id, stepRun: found, parts: parts ?? null });
  return true;
}

function addArrow(walk: Walk, from: string, to: string, slot: string): void {
  walk.arrows.set(JSON.stringify([from, to, slot]), { from, to, slot });
}

async function edgesOf(walk: Walk, { runId, node }: StepRunId): Promise<LineageEdge[]> {
  return (await recordOf(walk, runId)).edges.filter((edge) => edge.node === node);
}

function recordOf({ store, records }: Walk, runId: string): Promise<RunRecord> {
  const read = async (): Promise<RunRecord> => (
    { stepRuns: await listStepRuns(store, runId), edges: await listEdges(store, runId) }
  );
  const record = records.get(runId) ?? read();
  records.set(runId, record);
  return record;
}

async function resolveSubject(
  store: Store,
  subject: string | VersionId,
): Promise<string | ModelVersion> {
  if (typeof subject !== "string") return await getVersion(store, subject);
  if (/^[0-9a-f]{6,64}$/.test(subject)) {
    const hashes = await artifactsLike(store, subject);
    if (hashes.length > 1) {
      throw new ExplainedError("lineage/ambiguous", {
        what: `Cannot tell which artifact "${subject}" is`,
        why: `${hashes.map((hash) => hash.slice(0, 16)).join(", ")} start with it`,
        fix: "Give more digits",
      });
    }
    if (hashes[0] !== undefined) return hashes[0];
  }
  try {
    return await getVersion(store, subject);
  } catch (error) {
    if (!(error instanceof ExplainedError) || !error.code.startsWith("registry/")) throw error;
    // Looked for last: it reads what steps read, entry by entry.
    const read = await artifactReadFrom(store, subject);
    if (read !== undefined) return read;
    if (error.code !== "registry/unknown-model") throw error;
    throw new ExplainedError("lineage/unknown", {
      what: `Cannot trace "${subject}"`,
      why: `it is the hash of no artifact, and ${error.why}`,
      fix:
        "Give a model (`name`, `name@alias`, `name/3`), the start of an artifact's hash, or a data file",
      cause: error,
    });
  }
}

/** What was made first of a file or an address outside: by its name as a step read it, or the start of its hash. */
async function artifactReadFrom(store: Store, subject: string): Promise<string | undefined> {
  const start = /^[0-9a-f]{6,64}$/.test(subject) ? `${subject}%` : null;
  const [made] = await selectRows<{ artifact: string }>(
    store.client,
    `SELECT json_extract(c.outputs, '$[0].artifact') AS artifact
     FROM cache_entries c, json_each(c.parts, '$.reads') r
     WHERE (r.key IN ('file ' || ?1, 'url ' || ?1) OR r.value LIKE ?2)
       AND json_array_length(c.outputs) > 0
     ORDER BY c.created_at DESC LIMIT 1`,
    [subject, start],
  );
  return made?.artifact;
}

async function artifactsLike(store: Store, start: string): Promise<string[]> {
  const rows = await selectRows<{ hash: string }>(
    store.client,
    `SELECT hash FROM artifacts WHERE hash >= ?1 AND hash < ?1 || 'g'
     UNION SELECT artifact_hash FROM lineage_edges
       WHERE artifact_hash >= ?1 AND artifact_hash < ?1 || 'g' LIMIT 5`,
    [start],
  );
  return rows.map(({ hash }) => hash);
}

function artifactId(hash: string): string {
  return `artifact:${hash}`;
}

function stepRunId({ runId, node }: StepRunId): string {
  return `step-run:${runId}/${node}`;
}

function versionId({ name, version }: VersionId): string {
  return `version:${name}/${version}`;
}
