import { resolve } from "node:path";
import { getRun, listRuns, type Run, RUN_TAGS, type Store } from "../../runtime/store/mod.ts";
import {
  isUnder,
  type RunEnding,
  type RunProcess,
  type RunRequest,
  type StartRun,
} from "../launch/mod.ts";
import { RequestError } from "./error_answer.ts";

/** Runs that the server started. Disposing it asks them to stop, and waits for them. */
export interface Reruns extends AsyncDisposable {
  /**
   * Runs a pipeline again with the config that a run had.
   *
   * @param user Who wants it.
   * @returns The id of the new run.
   * @throws {RequestError} 409 when the run's pipeline is not one of this project, or did not start.
   */
  start(
    reference: string,
    options: { readonly isFresh: boolean; readonly user: string },
  ): Promise<string>;
  /**
   * Runs a pipeline of this project.
   *
   * @returns The id of the new run.
   * @throws {RequestError} 400 for values that the pipeline does not take, 409 when it did not start.
   */
  startNew(request: RunRequest): Promise<string>;
}

/** Runs at once; each takes the machine for itself. */
const MOST_RUNS = 2;
/** How long a new run may take to be seen in the store, in milliseconds. */
const START_MS = 15_000;

/**
 * @param project Folder of the project around the server: its pipelines may be run.
 * @param startRun Makes the process of a run.
 */
export function openReruns(
  store: Store,
  { project, startRun }: { readonly project: string; readonly startRun: StartRun },
): Reruns {
  const running = new Set<RunProcess>();
  // Those that are not processes yet count, too.
  let starting = 0;
  const startNew = async (request: RunRequest): Promise<string> => {
    if (running.size + starting >= MOST_RUNS) {
      throw refused("two runs that were started here go on already", "Wait for one, or stop it");
    }
    starting++;
    const run = await begin(startRun, request).finally(() => starting--);
    running.add(run);
    void run.ended.finally(() => running.delete(run));
    return await findRunOf(store, run);
  };
  return {
    async start(reference, options) {
      const request = requestOf(await getRun(store, reference), project, store.folder);
      return await startNew({ ...request, ...options });
    },
    startNew,
    async [Symbol.asyncDispose]() {
      const left = [...running];
      for (const run of left) run.stop();
      await Promise.all(left.map(({ ended }) => ended));
    },
  };
}

/**
 * The pipeline and the values that a run was made with.
 *
 * Only pipelines of the project are run, and none that lies in the store: clients may record runs and upload files, but
 * must not choose what this machine executes.
 *
 * @throws {RequestError} 409.
 */
export function requestOf(
  run: Pick<Run, "tags">,
  project: string,
  store: string,
): Omit<RunRequest, "isFresh"> {
  const { tags } = run;
  const source = tags["mlflow.source.name"];
  if (source === undefined || tags["hanok.config"] === undefined) {
    throw notAgain("the run was recorded by code of its own, not by a pipeline");
  }
  const pipeline = resolve(project, source);
  if (!pipeline.endsWith(".ts") || !isUnder(pipeline, project) || isUnder(pipeline, store)) {
    throw notAgain(`its pipeline ${source} is not one of this project`);
  }
  const given = tags["hanok.config_file"];
  const config = given === undefined ? undefined : resolve(project, given);
  if (config !== undefined && (!isUnder(config, project) || isUnder(config, store))) {
    throw notAgain(`its config ${given} is not one of this project`);
  }
  const set = (tags["hanok.set"] ?? "").split("\n").filter((each) => each !== "");
  return { pipeline, config, set };
}

async function begin(startRun: StartRun, request: RunRequest): Promise<RunProcess> {
  try {
    return await startRun(request);
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause));
  }
}

/** The run that a process records: it carries the number of the process. */
async function findRunOf(store: Store, run: RunProcess): Promise<string> {
  const tags = { [RUN_TAGS.pid]: String(run.pid) };
  let ended: RunEnding | undefined;
  void run.ended.then((ending) => ended = ending);
  const since = Date.now() - 1000;
  const deadline = since + START_MS;
  while (Date.now() < deadline) {
    const hadEnded: boolean = ended !== undefined;
    const [found] = await listRuns(store, { tags, limit: 1 });
    // Numbers of processes come again after a while.
    if (found !== undefined && found.startTime >= since) return found.runId;
    if (hadEnded) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw notBegun(ended);
}

/** A run that could not begin has said why: wrong values are the caller's to mend. */
function notBegun(ending: RunEnding | undefined): RequestError {
  if (ending === undefined) return refused(`it was not seen within ${START_MS / 1000} s`);
  const { code, problem } = ending;
  if (problem === null) return refused(`it ended with ${code} before it ran`);
  return new RequestError(/^(?:config|run)\//.test(problem.code) ? 400 : 409, problem);
}

function notAgain(why: string): RequestError {
  return new RequestError(409, {
    code: "run/not-again",
    what: "Cannot run this again from here",
    why,
    fix: "Run it with `deno task pipeline run`",
  });
}

function refused(why: string, fix = "Run it with `deno task pipeline run`"): RequestError {
  return new RequestError(409, {
    code: "run/not-started",
    what: "Cannot run this from here",
    why,
    fix,
  });
}
