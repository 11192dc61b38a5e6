import type { Run } from "../store/mod.ts";
import { RemoteRefusal, type RemoteServer } from "./remote_server.ts";

/** A run as the server knows it. */
export interface RemoteRun {
  readonly runId: string;
  /** Where its files go: `mlflow-artifacts:/…`, or a folder. */
  readonly artifactUri: string;
}

/** The tag by which a run is found again when the answer to its making was lost. */
export const LOCAL_RUN = "hanok.local_run";

/** The run on the server, made when it is not there. @param known Its id, when it was sent before. */
export async function remoteRunOf(
  server: RemoteServer,
  run: Run,
  known: string | undefined,
): Promise<RemoteRun> {
  if (known !== undefined) {
    const found = await ifThere(server.get("runs/get", { run_id: known }));
    if (found !== undefined) return remoteOf(found.run);
  }
  const experiment = await experimentOf(server, run.experiment);
  const { runs = [] } = await server.post("runs/search", {
    experiment_ids: [experiment],
    filter: `tags.\`${LOCAL_RUN}\` = '${run.runId}'`,
    max_results: 1,
  });
  if (runs.length > 0) return remoteOf(runs[0]);
  const made = await server.post("runs/create", {
    experiment_id: experiment,
    run_name: run.runName,
    user_id: run.userId,
    start_time: run.startTime,
    tags: [{ key: LOCAL_RUN, value: run.runId }],
  });
  return remoteOf(made.run);
}

async function experimentOf(server: RemoteServer, name: string): Promise<string> {
  const find = async (): Promise<string | undefined> =>
    (await ifThere(server.get("experiments/get-by-name", { experiment_name: name })))?.experiment
      .experiment_id;
  const found = await find();
  if (found !== undefined) return found;
  try {
    return (await server.post("experiments/create", { name })).experiment_id;
  } catch (error) {
    // Somebody else made it at the same moment.
    const made = error instanceof RemoteRefusal ? await find() : undefined;
    if (made === undefined) throw error;
    return made;
  }
}

/** An answer, or `undefined` where nothing is. */
export async function ifThere<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RemoteRefusal && error.errorCode === "RESOURCE_DOES_NOT_EXIST") {
      return undefined;
    }
    throw error;
  }
}

function remoteOf(
  { info }: { readonly info: { readonly run_id: string; readonly artifact_uri: string } },
): RemoteRun {
  return { runId: info.run_id, artifactUri: info.artifact_uri };
}
