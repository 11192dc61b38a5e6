import { getRun } from "./find_run.ts";
import type { Store } from "./open_store.ts";
import { selectRows } from "./rows.ts";
import type { Run } from "./run.ts";

/** The newest run with each of these values of a tag; a value that no run has is not in it. */
export async function lastRunsByTag(
  store: Store,
  key: string,
  values: readonly string[],
): Promise<ReadonlyMap<string, Run>> {
  // Of the columns beside a maximum SQLite gives those of its row.
  const found = await selectRows<{ value: string; runId: string }>(
    store.client,
    `SELECT t.value AS value, r.run_id AS runId, max(r.start_time) AS newest
     FROM run_tags t JOIN runs r ON r.run_id = t.run_id
     WHERE t.key = ? AND t.value IN (SELECT value FROM json_each(?)) AND r.lifecycle_stage = 'active'
     GROUP BY t.value`,
    [key, JSON.stringify(values)],
  );
  return new Map(
    await Promise.all(
      found.map(async ({ value, runId }) => [value, await getRun(store, runId)] as const),
    ),
  );
}
