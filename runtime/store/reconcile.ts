import type { Store } from "./open_store.ts";
import { isRunLockHeld } from "./run_lock.ts";
import { selectRows, type SqlRunner } from "./rows.ts";
import { RUN_TAGS, type Texts } from "./run.ts";

/** Tags that tell which process a run lives in, so that a later one sees when it is gone. */
export async function processTags(): Promise<Texts> {
  return {
    [RUN_TAGS.host]: Deno.hostname(),
    [RUN_TAGS.pid]: String(Deno.pid),
    [RUN_TAGS.processStart]: await ownStart(),
  };
}

/**
 * Ends the runs whose process was killed: they become KILLED with a tag that says so, and their
 * open step runs are cancelled. Runs of other hosts, and those of MLflow's clients, stay as they are.
 *
 * @returns Ids of those runs.
 */
export async function reconcileRuns(store: Store, at: number = Date.now()): Promise<string[]> {
  const dead: { runId: string; pid: string }[] = [];
  for (const run of await openRunsHere(store.client)) {
    if (!await isAlive(run, store.folder)) dead.push(run);
  }
  if (dead.length === 0) return [];
  await store.write(async (transaction) => {
    for (const { runId, pid } of dead) {
      const ended = await transaction.execute({
        sql:
          "UPDATE runs SET status = 'KILLED', end_time = ? WHERE run_id = ? AND status = 'RUNNING'",
        args: [at, runId],
      });
      if (ended.rowsAffected === 0) continue; // another process was quicker
      const why = `process ${pid} ended without saying so`;
      await transaction.execute({
        sql: "INSERT OR REPLACE INTO run_tags (run_id, key, value) VALUES (?, ?, ?)",
        args: [runId, RUN_TAGS.killed, why],
      });
      await transaction.execute({
        sql: `UPDATE step_runs SET status = 'cancelled', ended_at = ?, reason = ?
          WHERE run_id = ? AND status IN ('pending', 'running')`,
        args: [at, why, runId],
      });
    }
  });
  return dead.map(({ runId }) => runId);
}

/** Names of the runs that a living process of this host is in the middle of. */
export async function listLiveRuns(on: SqlRunner): Promise<string[]> {
  const runs = await openRunsHere(on);
  const alive = await Promise.all(runs.map((run) => isAlive(run)));
  return runs.filter((_, index) => alive[index]).map(({ runName }) => runName);
}

interface OpenRun {
  readonly runId: string;
  readonly runName: string;
  readonly pid: string;
  /** Empty where the system does not tell. */
  readonly start: string;
  /** Empty where there is none. */
  readonly lock: string;
}

async function openRunsHere(on: SqlRunner): Promise<OpenRun[]> {
  return await selectRows(
    on,
    `SELECT r.run_id AS runId, r.run_name AS runName, pid.value AS pid,
       coalesce(start.value, '') AS start, coalesce(lock.value, '') AS lock
     FROM runs r
     JOIN run_tags host ON host.run_id = r.run_id AND host.key = ? AND host.value = ?
     JOIN run_tags pid ON pid.run_id = r.run_id AND pid.key = ?
     LEFT JOIN run_tags start ON start.run_id = r.run_id AND start.key = ?
     LEFT JOIN run_tags lock ON lock.run_id = r.run_id AND lock.key = ?
     WHERE r.status = 'RUNNING'`,
    [RUN_TAGS.host, Deno.hostname(), RUN_TAGS.pid, RUN_TAGS.processStart, RUN_TAGS.lock],
  );
}

/** A process id is used again, in containers even soon: so the start must be the same too. */
async function isAlive({ pid, start, lock }: OpenRun, folder?: string): Promise<boolean> {
  if (start !== "") {
    const now = await processStart(Number(pid));
    if (now !== UNSEEN) return now === start;
  }
  // Who may not look at processes, as a server with narrow permissions, may still look at the store.
  if (folder !== undefined && lock !== "") return await isRunLockHeld(folder, lock) ?? true;
  if (start !== "") return true;
  const { kill } = await import("node:process"); // 15 ms, and not needed on Linux
  try {
    return kill(Number(pid), 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function ownStart(): Promise<string> {
  const start = await processStart(Deno.pid);
  return start === undefined || start === UNSEEN ? "" : start;
}

/** Deno lets only processes with all permissions read /proc. */
const UNSEEN = "unseen";

/** When a process began, in ticks since the system did; `undefined`: gone, or the system has no /proc. */
async function processStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from the third field on
    return fields[0] === "Z" ? undefined : fields[19];
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return UNSEEN;
    return undefined; // no such process, or no such folder
  }
}
