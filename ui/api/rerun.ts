import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { projectRoot } from "../../runtime/settings.ts";
import { getRun, listRuns, type Run, RUN_TAGS, type Store } from "../../runtime/store/mod.ts";
import { RequestError } from "./error_answer.ts";

const MAIN = fileURLToPath(new URL("../cli/main.ts", import.meta.url));

/** Runs that the server started. Disposing it asks them to stop, and waits for them. */
export interface Reruns extends AsyncDisposable {
  /**
   * Runs a pipeline again with the config that a run had.
   *
   * @returns The id of the new run.
   * @throws {RequestError} 409 when the run's pipeline is not one of this project, or did not start.
   */
  start(reference: string, options: { readonly isFresh: boolean }): Promise<string>;
}

/** Runs at once; each takes the machine for itself. */
const MOST_RUNS = 2;
/** How long a new run may take to be seen in the store, in milliseconds. */
const START_MS = 15_000;

/** @param cwd Where the server stands: pipelines of the project around it may be run. */
export function openReruns(store: Store, cwd: string): Reruns {
  const project = projectRoot(cwd);
  const running = new Set<Deno.ChildProcess>();
  return {
    async start(reference, { isFresh }) {
      const words = wordsOf(await getRun(store, reference), project, store.folder);
      if (running.size >= MOST_RUNS) throw refused("two runs that were started here go on already");
      const more = isFresh ? ["--no-cache"] : [];
      const child = spawn(["run", "-q", "-A", MAIN, "run", ...words, ...more, "--json"], {
        HANOK_STORE: store.folder,
        INIT_CWD: cwd,
      });
      running.add(child);
      void child.status.finally(() => running.delete(child));
      return await findRunOf(store, child);
    },
    async [Symbol.asyncDispose]() {
      const children = [...running];
      for (const child of children) {
        try {
          child.kill("SIGTERM");
        } catch {
          // It has ended by itself.
        }
      }
      await Promise.all(children.map(({ status }) => status));
    },
  };
}

/**
 * The words of the command line that a run was made with.
 *
 * Only pipelines of the project are run, and none that lies in the store: clients may record runs and upload files, but
 * must not choose what this machine executes.
 *
 * @throws {RequestError} 409.
 */
export function wordsOf(run: Pick<Run, "tags">, project: string, store: string): string[] {
  const { tags } = run;
  const source = tags["mlflow.source.name"];
  if (source === undefined || tags["hanok.config"] === undefined) {
    throw refused("the run was recorded by code of its own, not by a pipeline");
  }
  const path = resolve(project, source);
  if (!path.endsWith(".ts") || !isUnder(path, project) || isUnder(path, store)) {
    throw refused(`its pipeline ${source} is not one of this project`);
  }
  const config = tags["hanok.config_file"];
  if (config !== undefined && (!isUnder(resolve(project, config), project))) {
    throw refused(`its config ${config} is not one of this project`);
  }
  const set = (tags["hanok.set"] ?? "").split("\n").filter((each) => each !== "");
  return [
    path,
    ...(config === undefined ? [] : ["--config", config]),
    ...set.flatMap((each) => ["--set", each]),
  ];
}

function isUnder(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function spawn(args: readonly string[], env: Readonly<Record<string, string>>): Deno.ChildProcess {
  try {
    // By name: the server may start `deno` and nothing else.
    return new Deno.Command("deno", {
      args: [...args],
      env: { ...env, NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (cause) {
    throw refused(`deno does not start: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** The run that a process records: it carries the number of the process. */
async function findRunOf(store: Store, child: Deno.ChildProcess): Promise<string> {
  const tags = { [RUN_TAGS.pid]: String(child.pid) };
  let ended: Deno.CommandStatus | undefined;
  void child.status.then((status) => ended = status);
  const since = Date.now() - 1000;
  const deadline = since + START_MS;
  while (Date.now() < deadline) {
    const hadEnded = ended !== undefined;
    const [run] = await listRuns(store, { tags, limit: 1 });
    // Numbers of processes come again after a while.
    if (run !== undefined && run.startTime >= since) return run.runId;
    if (hadEnded) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw refused(
    ended === undefined
      ? `it was not seen within ${START_MS / 1000} s`
      : `the pipeline ended with ${ended.code} before it ran; try it in the terminal`,
  );
}

function refused(why: string): RequestError {
  return new RequestError(409, {
    code: "run/not-again",
    what: "Cannot run this again from here",
    why,
    fix: "Run it with `deno task pipeline run`",
  });
}
