import { isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../cli/main.ts", import.meta.url));

/** A pipeline of a project, and the values that are given to it. */
export interface RunRequest {
  /** Path of the pipeline's module. */
  readonly pipeline: string;
  /** Path of the YAML file. */
  readonly config?: string | undefined;
  /** Single values: `training.epochs=5`. */
  readonly set: readonly string[];
  /** Whether every step is to run, also those whose results are known. */
  readonly isFresh: boolean;
}

/** A run that is a process of its own. */
export interface RunProcess {
  readonly pid: number;
  /** Settles with the exit code. */
  readonly ended: Promise<number>;
  /** Asks it to stop. */
  stop(): void;
}

/**
 * Starts a run as a process.
 *
 * @throws {TypeError} When the request leads out of the project, or `deno` does not start.
 */
export type StartRun = (request: RunRequest) => Promise<RunProcess>;

/** Where runs may come from, and where they go. */
export interface RunPlace {
  /** Where the person stands who started the server. */
  readonly cwd: string;
  /** Folder of the nearest deno.json. */
  readonly project: string;
  readonly storeFolder: string;
}

/** Starts runs with all permissions, as a person in a terminal would: so their pipelines must be the project's own. */
export function runStarter({ cwd, project, storeFolder }: RunPlace): StartRun {
  return async ({ pipeline, config, set, isFresh }) => {
    await checkOwn(pipeline, { project, storeFolder });
    if (config !== undefined) await checkOwn(config, { project, storeFolder });
    // By name: the launcher may start `deno` and nothing else.
    const child = new Deno.Command("deno", {
      args: [
        ...["run", "-q", "-A", MAIN, "run", pipeline],
        ...(config === undefined ? [] : ["--config", config]),
        ...set.flatMap((each) => ["--set", each]),
        ...(isFresh ? ["--no-cache"] : []),
        "--json",
      ],
      env: { HANOK_STORE: storeFolder, INIT_CWD: cwd, NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return {
      pid: child.pid,
      ended: child.status.then(({ code }) => code),
      stop() {
        try {
          child.kill("SIGTERM");
        } catch {
          // It has ended by itself.
        }
      },
    };
  };
}

/** Whether a path lies below a folder. */
export function isUnder(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Looked at again where it is started, and where links lead: whoever asks may not be who it was. */
async function checkOwn(
  path: string,
  { project, storeFolder }: Pick<RunPlace, "project" | "storeFolder">,
): Promise<void> {
  const real = async (each: string): Promise<string> =>
    await Deno.realPath(each).catch(() => resolve(each));
  const [file, root, store] = [await real(path), await real(project), await real(storeFolder)];
  if (isAbsolute(path) && isUnder(file, root) && !isUnder(file, store)) return;
  throw new TypeError(`${path} is not one of this project`);
}
