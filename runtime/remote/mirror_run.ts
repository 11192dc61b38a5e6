import type { Settings } from "../settings.ts";
import { getRun, selectRows, type Store } from "../store/mod.ts";
import { openRemoteServer, type RemoteServer } from "./remote_server.ts";
import { REMOTE_TAGS, sendProgress, sendRun } from "./send_run.ts";

/** Sends a run to the team's server while it goes on. */
export interface RunMirror extends AsyncDisposable {
  /** Sends the rest of the run, which has ended, and earlier ones that are not there yet. Never throws. */
  finish(): Promise<MirrorReport>;
  /** Sends no more. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How the sending went. */
export interface MirrorReport {
  /** Runs that the server has now and had not before. */
  readonly sent: readonly string[];
  /** What was left undone on the server, for people. */
  readonly remarks: readonly string[];
  /** Why it stopped; `undefined` when everything is there. */
  readonly problem?: unknown;
}

/** Time between two looks for new points. */
const EVERY_MS = 2000;

/** Which tags a run gets that is to be sent; none without a server. */
export function remoteTags({ server }: Settings): Readonly<Record<string, string>> {
  return server === null ? {} : { [REMOTE_TAGS.server]: server };
}

/** Begins to send a run, when the settings name a server. A server that does not answer delays nothing. */
export function mirrorRun(store: Store, runId: string, settings: Settings): RunMirror | undefined {
  if (settings.server === null) return undefined;
  const server = openRemoteServer(settings.server, settings.serverToken);
  let isStopped = false;
  let wake: () => void = () => {};
  const loop = (async () => {
    while (!isStopped) {
      try {
        await sendProgress(store, server, await getRun(store, runId));
      } catch {
        // What is not sent now is sent later, at the latest by finish(), which tells the problem.
      }
      if (isStopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, EVERY_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  const stop = async (): Promise<void> => {
    isStopped = true;
    wake();
    await loop;
  };
  return {
    async finish() {
      await stop();
      return await sendPending(store, server);
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Sends all runs that have ended and that the server has not got, the oldest first. Never throws. */
export async function sendPending(store: Store, server: RemoteServer): Promise<MirrorReport> {
  const pending = await selectRows<{ runId: string }>(
    store.client,
    `SELECT r.run_id AS runId FROM runs r
       JOIN run_tags t ON t.run_id = r.run_id AND t.key = ? AND t.value = ?
     WHERE r.end_time IS NOT NULL AND r.lifecycle_stage = 'active'
       AND NOT EXISTS (SELECT 1 FROM run_tags s WHERE s.run_id = r.run_id AND s.key = ?)
     ORDER BY r.start_time`,
    [REMOTE_TAGS.server, server.url, REMOTE_TAGS.sent],
  );
  const sent: string[] = [];
  const remarks: string[] = [];
  for (const { runId } of pending) {
    try {
      remarks.push(...await sendRun(store, server, runId));
    } catch (problem) {
      return { sent, remarks, problem };
    }
    sent.push(runId);
  }
  return { sent, remarks };
}
