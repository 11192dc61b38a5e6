import { selectRow, type Store } from "../../runtime/store/mod.ts";

/** What a run that goes on has to tell: something about it is new, or it has ended. */
export type RunNews = "changed" | "ended";

/** Time between two looks at a run, in milliseconds. */
const LOOK_MS = 300;

/**
 * Tells of a run for as long as it goes on, whoever runs it: the store is all that processes share.
 *
 * @param signal Ends it early.
 */
export async function* watchRun(
  store: Store,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<RunNews, void> {
  let before = await readMark(store, runId);
  while (!signal.aborted) {
    const isOver = before === undefined || !/^(?:RUNNING|SCHEDULED)\b/.test(before);
    if (isOver) {
      yield "ended";
      return;
    }
    await pause(LOOK_MS, signal);
    const now = await readMark(store, runId);
    if (now !== before) yield "changed";
    before = now;
  }
}

/** A text that is another one whenever a step, a metric the log of a run or a wish that it stops is. */
async function readMark(store: Store, runId: string): Promise<string | undefined> {
  const row = await selectRow<{ mark: string }>(
    store.client,
    `SELECT status || '/' ||
       coalesce((SELECT group_concat(node || status || attempt || coalesce(summary, ''))
         FROM step_runs WHERE run_id = r.run_id), '') || '/' ||
       coalesce((SELECT max(id) FROM run_logs WHERE run_id = r.run_id), 0) || '/' ||
       EXISTS (SELECT 1 FROM run_stops WHERE run_id = r.run_id) || '/' ||
       coalesce((SELECT sum(step) || ':' || max(timestamp) FROM latest_metrics
         WHERE run_id = r.run_id), '') AS mark
     FROM runs r WHERE run_id = ?`,
    [runId],
  );
  return row?.mark;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
