import { getRun, listInputs, listRunFiles, type Run, setTags, type Store } from "../store/mod.ts";
import { type RemoteRun, remoteRunOf } from "./remote_run.ts";
import type { RemoteServer } from "./remote_server.ts";
import { sendFiles } from "./send_files.ts";
import { sendModels } from "./send_models.ts";

/** Tags of a run that goes to a server. They stay here. */
export const REMOTE_TAGS = {
  /** The server it is for. */
  server: "hanok.server",
  /** Its id there. */
  run: "hanok.remote_run",
  /** Place of the last point that is there. */
  points: "hanok.remote_points",
  /** When all of it was there. */
  sent: "hanok.remote_sent",
} as const;

/** Points, params and tags of one request: MLflow's limits. */
const POINTS = 1000;
const TEXTS = 100;

/**
 * Sends what a server does not have yet of a run: params, tags, points, files, model versions. Whatever was sent before,
 * also when the answer was lost, is neither sent twice nor doubled there: points are sets, runs and versions carry our
 * ids as tags.
 *
 * @returns What was left undone, for people.
 * @throws {ExplainedError} `remote/unreachable`, `remote/refused`. Asked again, it goes on.
 */
export async function sendRun(
  store: Store,
  server: RemoteServer,
  runId: string,
): Promise<readonly string[]> {
  const run = await getRun(store, runId);
  const remote = await sendProgress(store, server, run);
  if (run.endTime === null) return [];
  await sendInputs(store, server, { runId, remote });
  const files = await listRunFiles(store, runId);
  await sendFiles(store, server, { files, remote, folder: "" });
  const remarks = await sendModels(store, server, { runId, remote });
  await server.post("runs/update", {
    run_id: remote.runId,
    status: run.status,
    end_time: run.endTime,
    run_name: run.runName,
  });
  await setTags(store, runId, { [REMOTE_TAGS.sent]: new Date().toISOString() });
  return remarks;
}

/** Sends params, tags and points of a run that may still go on. */
export async function sendProgress(
  store: Store,
  server: RemoteServer,
  run: Run,
): Promise<RemoteRun> {
  const remote = await remoteRunOf(server, run, run.tags[REMOTE_TAGS.run]);
  if (run.tags[REMOTE_TAGS.run] !== remote.runId) {
    await setTags(store, run.runId, { [REMOTE_TAGS.run]: remote.runId });
  }
  const own: readonly string[] = Object.values(REMOTE_TAGS);
  const tags = Object.entries(run.tags).filter(([key]) => !own.includes(key));
  const params = Object.entries(run.params);
  for (let at = 0; at < Math.max(tags.length, params.length); at += TEXTS) {
    const part = (all: readonly (readonly [string, string])[]): object[] =>
      all.slice(at, at + TEXTS).map(([key, value]) => ({ key, value }));
    await server.post("runs/log-batch", {
      run_id: remote.runId,
      params: part(params),
      tags: part(tags),
    });
  }
  await sendPoints(store, server, { run, remote });
  return remote;
}

async function sendPoints(
  store: Store,
  server: RemoteServer,
  { run, remote }: { readonly run: Run; readonly remote: RemoteRun },
): Promise<void> {
  const known = run.tags[REMOTE_TAGS.run] === remote.runId;
  let last = known ? Number(run.tags[REMOTE_TAGS.points] ?? 0) : 0;
  for (;;) {
    const rows = await store.cells(
      `SELECT key, value, timestamp, step, is_nan, rowid FROM metrics
       WHERE run_id = ? AND rowid > ? ORDER BY rowid LIMIT ?`,
      [run.runId, last, POINTS],
    );
    if (rows.length === 0) return;
    const metrics = rows.map(([key, value, timestamp, step, isNan]) => (
      { key, value: isNan === 1 ? "NaN" : value, timestamp, step }
    ));
    await server.post("runs/log-batch", { run_id: remote.runId, metrics });
    last = rows.at(-1)![5] as number;
    await setTags(store, run.runId, { [REMOTE_TAGS.points]: String(last) });
  }
}

async function sendInputs(
  store: Store,
  server: RemoteServer,
  { runId, remote }: { readonly runId: string; readonly remote: RemoteRun },
): Promise<void> {
  const inputs = await listInputs(store, runId);
  if (inputs.length === 0) return;
  await server.post("runs/log-inputs", {
    run_id: remote.runId,
    datasets: inputs.map(({ name, digest, sourceType, source, schema, profile, tags }) => ({
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      dataset: {
        name,
        digest,
        source_type: sourceType,
        source,
        ...(schema === null ? {} : { schema }),
        ...(profile === null ? {} : { profile }),
      },
    })),
  });
}
