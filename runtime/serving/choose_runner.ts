import type { BatchLimits } from "./batching.ts";
import type { ServingPorts } from "./load_model.ts";
import { type ModelRow, openRowRunner, type RowRunner, type RunnerParts } from "./row_runner.ts";

/** Longest that one batch may hold up everything else this thread does, in milliseconds. */
const LONGEST_PAUSE_MS = 10;
/** Longest that one batch of a slow model may hold up the requests behind it, in milliseconds. */
const LONGEST_BATCH_MS = 500;
/** A model that needs longer for a few rows goes into a thread of its own, in milliseconds. */
const SLOW_MS = 4;
/** Rows that a model is timed with, and that a slow one takes when it was not timed. */
const TIMED_ROWS = 32;
/** A model of more bytes is slow without being timed. */
const SLOW_BYTES = 64 * 1024 * 1024;

/** A model that is ready, and the rows it takes at once. */
export interface ChosenRunner {
  readonly runner: RowRunner;
  readonly batchRows: number;
  /** Whether it works in a thread of its own. */
  readonly isSlow: boolean;
}

/**
 * Opens a quick model in this thread, where a batch costs no message, and a slow one in a thread of its own,
 * where it holds up nobody. Which it is, its own example tells.
 */
export async function chooseRunner(
  parts: RunnerParts,
  ports: ServingPorts,
  { rows, limits }: { readonly rows: readonly ModelRow[]; readonly limits: BatchLimits },
): Promise<ChosenRunner> {
  const { batchRows } = limits;
  const { openApart } = ports;
  if (openApart !== undefined && sizeOf(parts) > SLOW_BYTES) {
    const runner = await openApart(parts);
    return { runner, batchRows: Math.min(batchRows, TIMED_ROWS), isSlow: true };
  }
  const runner = await openRowRunner(parts, ports);
  if (openApart === undefined || rows.length === 0) return { runner, batchRows, isSlow: false };
  let took: number;
  try {
    took = await timeRows(runner, rows);
  } catch (error) {
    await runner[Symbol.asyncDispose]();
    throw error;
  }
  const rowsIn = (ms: number): number =>
    Math.min(batchRows, Math.max(1, Math.floor(TIMED_ROWS * ms / Math.max(took, 0.01))));
  if (took <= SLOW_MS) return { runner, batchRows: rowsIn(LONGEST_PAUSE_MS), isSlow: false };
  await runner[Symbol.asyncDispose]();
  return { runner: await openApart(parts), batchRows: rowsIn(LONGEST_BATCH_MS), isSlow: true };
}

/** Bytes of the model. */
function sizeOf({ model, externalData = {} }: RunnerParts): number {
  return Object.values(externalData).reduce((sum, { length }) => sum + length, model.length);
}

/** The quickest of a few, in milliseconds: the first one also allocates. */
async function timeRows(runner: RowRunner, rows: readonly ModelRow[]): Promise<number> {
  const batch = Array.from({ length: TIMED_ROWS }, (_, i) => rows[i % rows.length]!);
  let best = Infinity;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = performance.now();
    await runner.run(batch);
    best = Math.min(best, performance.now() - start);
    if (best > 10 * SLOW_MS) break;
  }
  return best;
}
