import { ExplainedError } from "../../pipeline/explained_error.ts";
import { getRun } from "./find_run.ts";
import type { Store } from "./open_store.ts";
import { reconcileRuns } from "./reconcile.ts";
import { insertRows, selectRow, type SqlRunner } from "./rows.ts";
import { type Run, RUN_TAGS } from "./run.ts";

/** Somebody's wish that a run ends early. */
export interface StopWish {
  readonly userId: string;
  /** May be empty. */
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Most characters of a reason. */
const MOST_WHY = 500;

/**
 * Asks a run to stop. Its process, wherever it runs, looks for the wish every second and then does what Ctrl-C does.
 *
 * @param reference An id, the unique start of one, or a name.
 * @returns The run, and the wish that counts: that of whoever asked first.
 * @throws {ExplainedError} `run/over` for one that has ended, its process having died or not; `run/not-stoppable` for
 * one whose process does not look for wishes; `run/unknown`, `run/ambiguous`.
 */
export async function requestStop(
  store: Store,
  reference: string,
  { userId, why, at }: StopWish,
): Promise<{ readonly run: Run; readonly wish: StopWish }> {
  // A run whose process is gone would wait for ever.
  await reconcileRuns(store, at).catch(() => {});
  const run = await getRun(store, reference);
  refuseUnstoppable(run);
  const wish = await store.write(async (transaction) => {
    const row = { run_id: run.runId, at, user_id: userId, why: why.trim().slice(0, MOST_WHY) };
    await insertRows(transaction, "run_stops", [row], "ON CONFLICT DO NOTHING");
    return await findStop(transaction, run.runId);
  });
  return { run, wish: wish! };
}

/** Who asked a run to stop, or `undefined`. */
export async function findStop(on: SqlRunner, runId: string): Promise<StopWish | undefined> {
  return await selectRow<StopWish>(
    on,
    "SELECT user_id AS userId, why, at FROM run_stops WHERE run_id = ?",
    [runId],
  );
}

/** Who stopped a run, in a sentence: `mina stopped the run: the loss is NaN`. */
export function stopSentence({ userId, why }: StopWish): string {
  return `${userId} stopped the run${why === "" ? "" : `: ${why}`}`;
}

function refuseUnstoppable({ runName, status, tags, endTime }: Run): void {
  const what = `Cannot stop run ${runName}`;
  if (status !== "RUNNING") {
    const when = endTime === null ? "" : ` at ${new Date(endTime).toISOString()}`;
    throw new ExplainedError("run/over", {
      what,
      why: `it ${END[status]}${when}${detail(tags)}`,
      fix: `Nothing goes on; look at it with \`deno task pipeline runs show ${runName}\``,
    });
  }
  if (tags["hanok.local_run"] !== undefined) {
    const host = tags[RUN_TAGS.host] ?? "another machine";
    throw new ExplainedError("run/not-stoppable", {
      what,
      why: `it goes on in a store of its own on ${host}, which only tells this one about it`,
      fix: `Stop it there: \`deno task pipeline runs stop ${runName}\``,
    });
  }
  if (tags["hanok.config"] !== undefined) return;
  throw new ExplainedError("run/not-stoppable", {
    what,
    why: "it is recorded by code of its own, which does not look whether somebody wants it to stop",
    fix: "End that program; an MLflow client ends a run with `set_terminated`",
  });
}

const END = {
  FINISHED: "has finished",
  FAILED: "has failed",
  KILLED: "has been cancelled",
  SCHEDULED: "has not begun",
} as const;

/** What is known of an end that came early. */
function detail(tags: Run["tags"]): string {
  const known = tags[RUN_TAGS.stopped] ?? tags[RUN_TAGS.killed];
  return known === undefined ? "" : `: ${known}`;
}
