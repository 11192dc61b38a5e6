import type { Transaction } from "@libsql/client";
import { insertRows, selectRow, selectRows } from "./rows.ts";
import type { Store } from "./open_store.ts";

/** A dataset that a run read. */
export interface RunInput {
  readonly name: string;
  /** Short content hash, at most 36 characters. */
  readonly digest: string;
  /** `local`, `http`, `code` … */
  readonly sourceType: string;
  /** Where it came from, often a JSON text. */
  readonly source: string;
  readonly schema?: string | null;
  readonly profile?: string | null;
  /** E.g. `{"mlflow.data.context": "training"}`. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Records what a run read; the same dataset again only replaces its tags. */
export async function logInputs(
  store: Store,
  runId: string,
  inputs: readonly RunInput[],
): Promise<void> {
  await store.write((transaction) => writeInputs(transaction, runId, inputs));
}

/** `logInputs` inside a transaction. */
export async function writeInputs(
  transaction: Transaction,
  runId: string,
  inputs: readonly RunInput[],
): Promise<void> {
  for (const input of inputs) {
    const { experimentId } = (await selectRow<{ experimentId: number }>(
      transaction,
      "SELECT experiment_id AS experimentId FROM runs WHERE run_id = ?",
      [runId],
    ))!;
    await insertRows(transaction, "datasets", [{
      experiment_id: experimentId,
      name: input.name,
      digest: input.digest,
      source_type: input.sourceType,
      source: input.source,
      schema: input.schema ?? null,
      profile: input.profile ?? null,
    }], "ON CONFLICT DO NOTHING");
    await transaction.execute({
      sql: `INSERT INTO run_inputs (run_id, dataset_id, tags)
        SELECT ?, dataset_id, ? FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?
        ON CONFLICT DO UPDATE SET tags = excluded.tags`,
      args: [runId, JSON.stringify(input.tags ?? {}), experimentId, input.name, input.digest],
    });
  }
}

/** What a run read. */
export async function listInputs(store: Store, runId: string): Promise<Required<RunInput>[]> {
  const rows = await selectRows<Omit<Required<RunInput>, "tags"> & { tags: string }>(
    store.client,
    `SELECT d.name, d.digest, d.source_type AS sourceType, d.source, d.schema, d.profile, i.tags
     FROM run_inputs i JOIN datasets d ON d.dataset_id = i.dataset_id
     WHERE i.run_id = ? ORDER BY d.dataset_id`,
    [runId],
  );
  return rows.map((row) => ({ ...row, tags: JSON.parse(row.tags) }));
}
