import type { Transaction } from "@libsql/client";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import type { Json } from "../../pipeline/json.ts";
import { findArtifact, insertRows, selectRow, type Store } from "../store/mod.ts";
import { type Act, checkAlias, recordState, writeAlias } from "./alias.ts";
import { findChampion, getVersion } from "./find_version.ts";
import {
  type ModelVersion,
  renderMetrics,
  selectVersions,
  type VersionId,
} from "./model_version.ts";

/** A model that is to become a version. */
export interface NewVersion {
  /** Name of the model, made when it is new. */
  readonly name: string;
  /** Content hash of the model folder; the artifact must be recorded. */
  readonly modelArtifact: string;
  /** The run that made it; `null` for one that was imported. */
  readonly runId: string | null;
  readonly metrics: Readonly<Record<string, number>>;
  /** What let it in, kept with the version. */
  readonly verdict?: Json;
  /** The champion it was compared with; `version: null` when there was none. */
  readonly judgedAgainst?: { readonly version: number | null };
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** `auto`: becomes champion at once; `approve`: waits for a person. */
  readonly promote: "auto" | "approve";
  /** One more alias for it, beside `candidate`. */
  readonly alias?: string;
  /** Asked again with the same key, the registry gives the same version and moves nothing. */
  readonly idempotencyKey: string;
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** @default "registered by a run" */
  readonly why?: string;
}

/** The version, and whether this call made it. */
export type Registration = ModelVersion & { readonly isNew: boolean };

/**
 * Makes a version with its aliases, in one transaction. A model equal to the champion is no new
 * version: the champion comes back.
 *
 * @throws {ExplainedError} `registry/champion-moved` when another version became champion since the
 * model was judged; `registry/unknown-artifact`, `registry/bad-name`, `registry/bad-alias`.
 */
export async function registerVersion(store: Store, request: NewVersion): Promise<Registration> {
  checkName(request.name);
  if (request.alias !== undefined) checkAlias(request.alias);
  return await store.write(async (transaction) => {
    const reader = { client: transaction };
    const [repeated] = await selectVersions(transaction, "v.idempotency_key = ?", [
      request.idempotencyKey,
    ]);
    if (repeated !== undefined) return { ...repeated, isNew: false };
    const champion = await findChampion(reader, request.name);
    if (champion?.artifactHash === request.modelArtifact) return { ...champion, isNew: false };
    checkJudgement(request, champion);
    if (await findArtifact(reader, request.modelArtifact) === undefined) {
      throw unknownArtifact(request);
    }
    const id = await writeVersion(transaction, request);
    return { ...await getVersion(reader, id), isNew: true };
  });
}

async function writeVersion(transaction: Transaction, request: NewVersion): Promise<VersionId> {
  const { name, at, user, modelArtifact } = request;
  const act: Act = { user, at, why: request.why ?? "registered by a run" };
  await insertRows(
    transaction,
    "registered_models",
    [{ name, creation_time: at, last_updated_time: at, user_id: user }],
    "ON CONFLICT DO NOTHING",
  );
  const { version } = (await selectRow<{ version: number }>(
    transaction,
    "SELECT coalesce(max(version), 0) + 1 AS version FROM model_versions WHERE name = ?",
    [name],
  ))!;
  await insertRows(transaction, "model_versions", [{
    name,
    version,
    creation_time: at,
    last_updated_time: at,
    user_id: user,
    description: request.description ?? "",
    state: "registered",
    source: modelSource(modelArtifact),
    artifact_hash: modelArtifact,
    run_id: request.runId,
    metrics: renderMetrics(request.metrics),
    verdict: request.verdict === undefined ? null : JSON.stringify(request.verdict),
    idempotency_key: request.idempotencyKey,
  }]);
  const tags = Object.entries(request.tags ?? {});
  await insertRows(
    transaction,
    "model_version_tags",
    tags.map(([key, value]) => ({ name, version, key, value })),
  );
  const id = { name, version };
  await recordState(transaction, id, { from: null, to: "registered" }, act);
  const aliases = ["candidate"].concat(request.alias ?? [])
    .concat(request.promote === "auto" ? "champion" : []);
  for (const alias of new Set(aliases)) {
    await writeAlias(transaction, { ...id, state: "registered" }, alias, act);
  }
  return id;
}

/** Where MLflow's clients find the files of an artifact. */
export function modelSource(artifact: string): string {
  return `mlflow-artifacts:/models/${artifact}`;
}

function checkName(name: string): void {
  // deno-lint-ignore no-control-regex -- control characters are what is refused
  if (name.trim() === name && name !== "" && !/[\0-\x1f]/.test(name)) return;
  throw new ExplainedError("registry/bad-name", {
    what: `Cannot register a model named ${JSON.stringify(name)}`,
    why: "a name must not be empty, start or end with a space, or hold control characters",
    fix: "Choose another name",
  });
}

function checkJudgement(request: NewVersion, champion: ModelVersion | undefined): void {
  if (request.judgedAgainst === undefined) return;
  const judged = request.judgedAgainst.version;
  const present = champion?.version ?? null;
  if (judged === present) return;
  const call = (version: number | null): string =>
    version === null ? "no champion" : `version ${version}`;
  throw new ExplainedError("registry/champion-moved", {
    what: `Cannot register "${request.name}"`,
    why: `the gate judged it against ${call(judged)}, and now there is ${call(present)}`,
    fix: "Run the pipeline again: the gate then compares it with the present champion",
  });
}

function unknownArtifact({ name, modelArtifact }: NewVersion): ExplainedError {
  return new ExplainedError("registry/unknown-artifact", {
    what: `Cannot register "${name}"`,
    why: `the store has no artifact ${modelArtifact}`,
    fix: "Record the model's artifact first, or run the pipeline that makes it",
  });
}
