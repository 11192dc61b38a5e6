import { selectRows, type Store } from "../store/mod.ts";

/** Tables of the registry with the files of its artifacts, parents before children. */
export const REGISTRY_TABLES = [
  "registered_models",
  "registered_model_tags",
  "artifacts",
  "artifact_files",
  "model_versions",
  "model_version_tags",
  "model_aliases",
  "alias_moves",
  "state_changes",
] as const;

/** A row as it stands in its table. */
export type RegistryRow = Readonly<Record<string, string | number | null>>;

/** The whole registry as one JSON document: its tables, row by row. The bytes stay in the store. */
export type RegistryDocument =
  & { readonly format: "hanok-registry/1" }
  & Readonly<Record<typeof REGISTRY_TABLES[number], readonly RegistryRow[]>>;

/** All models with their versions, aliases and history. */
export async function exportRegistry(store: Store): Promise<RegistryDocument> {
  const tables: Partial<Record<typeof REGISTRY_TABLES[number], RegistryRow[]>> = {};
  const used = "(SELECT artifact_hash FROM model_versions)";
  for (const table of REGISTRY_TABLES) {
    const condition = table === "artifacts"
      ? `WHERE hash IN ${used}`
      : table === "artifact_files"
      ? `WHERE artifact_hash IN ${used}`
      : "";
    tables[table] = await selectRows(
      store.client,
      `SELECT * FROM ${table} ${condition} ORDER BY rowid`,
    );
  }
  return { format: "hanok-registry/1", ...tables as Required<typeof tables> };
}
