import { findArtifact, selectRows, type Store } from "../store/mod.ts";
import { listModels, listVersions } from "./find_version.ts";
import { type ModelVersion, renderMetrics } from "./model_version.ts";
import type { RegistryDocument } from "./registry_document.ts";

type ExportedModel = RegistryDocument["models"][number];

/** The whole registry as one JSON document; the bytes of the models stay in the store. */
export async function exportRegistry(store: Store): Promise<RegistryDocument> {
  const models: ExportedModel[] = [];
  for (const model of await listModels(store)) {
    const { versions: _count, latestVersion: _latest, ...facts } = model;
    const versions = await listVersions(store, model.name);
    models.push({
      ...facts,
      tags: { ...model.tags },
      aliases: { ...model.aliases },
      versions: await Promise.all(
        versions.reverse().map((version) => exportVersion(store, version)),
      ),
      aliasMoves: await exportMoves(store, model.name),
      stateChanges: await selectRows(
        store.client,
        `SELECT version, at, user_id AS user, why, from_state AS "from", to_state AS "to"
         FROM state_changes WHERE name = ? ORDER BY id`,
        [model.name],
      ),
    });
  }
  return { format: "hanok-registry", formatVersion: 1, models };
}

async function exportVersion(
  store: Store,
  version: ModelVersion,
): Promise<ExportedModel["versions"][number]> {
  const { name: _name, aliases: _aliases, artifactHash, metrics, verdict, tags, ...facts } =
    version;
  const found = artifactHash === null ? undefined : await findArtifact(store, artifactHash);
  return {
    ...facts,
    tags: { ...tags },
    metrics: JSON.parse(renderMetrics(metrics)),
    verdict: JSON.parse(JSON.stringify(verdict)),
    artifact: found === undefined
      ? null
      : { hash: found.hash, kind: found.kind, files: [...found.files] },
  };
}

async function exportMoves(store: Store, name: string): Promise<ExportedModel["aliasMoves"]> {
  const moves = await selectRows<
    Omit<ExportedModel["aliasMoves"][number], "isRollback"> & { isRollback: number }
  >(
    store.client,
    `SELECT alias, at, user_id AS user, why, from_version AS "from", to_version AS "to",
       is_rollback AS isRollback
     FROM alias_moves WHERE name = ? ORDER BY id`,
    [name],
  );
  return moves.map((move) => ({ ...move, isRollback: move.isRollback === 1 }));
}
