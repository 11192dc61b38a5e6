import type { Transaction } from "@libsql/client";
import { insertRows } from "./rows.ts";

/** A point as the table of metrics holds it: NaN is value 0 with `is_nan` 1. */
export interface MetricRow {
  readonly run_id: string;
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly is_nan: 0 | 1;
}

/** Points of one metric in one statement. */
const BLOCK = 50;

const KEEP_FIRST = "ON CONFLICT DO NOTHING";

/** Binds run and key once for all points of the block: handing texts to the database is most of the work. */
const INSERT_BLOCK = `INSERT INTO metrics (run_id, key, value, timestamp, step, is_nan) VALUES ${
  Array.from({ length: BLOCK }, (_, row) => {
    const at = 3 + 4 * row;
    return `(?1, ?2, ?${at}, ?${at + 1}, ?${at + 2}, ?${at + 3})`;
  }).join(", ")
} ${KEEP_FIRST}`;

/** Inserts points of one run; those of one metric keep their order. A point that is there already stays one point. */
export async function insertPoints(
  transaction: Transaction,
  rows: readonly MetricRow[],
): Promise<void> {
  if (!("staysPrepared" in transaction) || rows.length < BLOCK) {
    return await insertRows(transaction, "metrics", asRecords(rows), KEEP_FIRST);
  }
  const rest: MetricRow[] = [];
  for (const [key, points] of Map.groupBy(rows, ({ key }) => key)) {
    let at = 0;
    for (; at + BLOCK <= points.length; at += BLOCK) {
      const args: (string | number)[] = [points[at]!.run_id, key];
      for (const { value, timestamp, step, is_nan } of points.slice(at, at + BLOCK)) {
        args.push(value, timestamp, step, is_nan);
      }
      await transaction.execute({ sql: INSERT_BLOCK, args });
    }
    rest.push(...points.slice(at));
  }
  await insertRows(transaction, "metrics", asRecords(rest), KEEP_FIRST);
}

/** An interface has no index signature, and so is no record to the type checker. */
function asRecords(rows: readonly MetricRow[]): readonly Record<string, string | number>[] {
  return rows as readonly (MetricRow & Record<string, string | number>)[];
}
