import { ExplainedError } from "../../pipeline/mod.ts";
import { openFolder } from "../artifacts/artifact_codec.ts";
import type { ArtifactKind } from "../../pipeline/mod.ts";
import { getVersion } from "../registry/mod.ts";
import { findArtifact, selectRows, type Store } from "../store/mod.ts";
import type { ModelFiles } from "./load_model.ts";
import type { AliasRow, ModelCatalog } from "./model_catalog.ts";

/**
 * The registry of a store, as serving sees it: versions whose files lie in the store. Clients of MLflow also register
 * what lies elsewhere, which nobody here can load.
 */
export function openCatalog(store: Store): ModelCatalog {
  return {
    // One short query, because it is asked twice a second.
    listAliases: () =>
      selectRows<AliasRow>(
        store.client,
        `SELECT a.name, a.alias, a.version, v.artifact_hash AS files FROM model_aliases a JOIN model_versions v
         ON v.name = a.name AND v.version = a.version AND v.artifact_hash IS NOT NULL`,
      ),
    listModels: async () => {
      const models = await selectRows<{ name: string }>(
        store.client,
        `SELECT name FROM registered_models m WHERE EXISTS (SELECT 1 FROM model_versions v
           WHERE v.name = m.name AND artifact_hash IS NOT NULL AND stage != 'Deleted_Internal')
         ORDER BY name`,
      );
      return models.map(({ name }) => name);
    },
    listVersions: async (name, { limit }) => {
      const versions = await selectRows<{ version: number }>(
        store.client,
        `SELECT version FROM model_versions WHERE name = ? AND stage != 'Deleted_Internal'
         ORDER BY version DESC LIMIT ?`,
        [name, limit],
      );
      return versions.map(({ version }) => version);
    },
    hasVersion: async (name, version) => {
      const [found] = await selectRows(
        store.client,
        `SELECT 1 FROM model_versions WHERE name = ? AND version = ?
           AND stage != 'Deleted_Internal'`,
        [name, version],
      );
      return found !== undefined;
    },
    openFiles: (name, version) => openVersionFiles(store, name, version),
  };
}

/** The model folder of a version. */
export async function openVersionFiles(
  store: Store,
  name: string,
  version: number,
): Promise<ModelFiles> {
  const { artifactHash, source } = await getVersion(store, { name, version });
  const artifact = artifactHash === null ? undefined : await findArtifact(store, artifactHash);
  if (artifact !== undefined) {
    return openFolder({ ...artifact, kind: artifact.kind as ArtifactKind }, store.blobs);
  }
  throw new ExplainedError("serving/no-files", {
    what: `Cannot load ${name}/${version}`,
    why: artifactHash === null
      ? `its files lie elsewhere: ${source}`
      : `its files (artifact ${artifactHash.slice(0, 8)}) are not in the store`,
    fix:
      "Run its pipeline again, or import the model folder with `deno task pipeline models import`",
  });
}
