import { appendToUri } from "../../runtime/mlflow/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";
import { PROXY } from "./route.ts";

/**
 * Lets the experiment `Default`, which every store has, keep its files under the root, as long as it has no run. Other
 * experiments get their place when they are made.
 */
export async function useArtifactRoot(store: Store, artifactRoot: string): Promise<void> {
  const [found] = await store.cells(
    `SELECT 1 FROM experiments WHERE experiment_id = 0 AND artifact_location = ?
     AND NOT EXISTS (SELECT 1 FROM runs WHERE experiment_id = 0)`,
    [`${PROXY}/0`],
  );
  if (found === undefined) return;
  await store.write((transaction) =>
    transaction.execute({
      sql: "UPDATE experiments SET artifact_location = ? WHERE experiment_id = 0",
      args: [appendToUri(artifactRoot, "0")],
    })
  );
}
