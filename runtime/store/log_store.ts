import { insertRows, selectRows } from "./rows.ts";
import type { Store } from "./open_store.ts";

/** A line for people. */
export interface RunLog {
  /** `null`: of the run itself. */
  readonly node: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: "info" | "warning" | "error";
  readonly message: string;
}

/** Keeps lines in the order given. */
export async function recordLogs(
  store: Store,
  runId: string,
  logs: readonly RunLog[],
): Promise<void> {
  if (logs.length === 0) return;
  const rows = logs.map(({ node, at, level, message }) => (
    { run_id: runId, node, at, level, message }
  ));
  await store.write((transaction) => insertRows(transaction, "run_logs", rows));
}

/** Which lines of a run are listed. */
export interface LogQuery {
  /** Only those of this node. */
  readonly node?: string;
  /** Only so many, the newest. @default all */
  readonly last?: number;
}

/** The lines of a run, oldest first. */
export async function listLogs(
  store: Store,
  runId: string,
  { node, last = -1 }: LogQuery = {},
): Promise<RunLog[]> {
  const rows = await selectRows<RunLog>(
    store.client,
    `SELECT node, at, level, message FROM run_logs
     WHERE run_id = ? ${node === undefined ? "" : "AND node = ?"} ORDER BY id DESC LIMIT ?`,
    [runId, ...(node === undefined ? [] : [node]), last],
  );
  return rows.reverse();
}
