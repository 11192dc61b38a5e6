import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { ErrorFacts } from "../../runtime/executor/run_event.ts";

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
  /** Recorded as who ran it. @default the account of the server */
  readonly user?: string | undefined;
}

/** How a run's process ended. */
export interface RunEnding {
  readonly code: number;
  /** Why it could not begin; `null` where it did. */
  readonly problem: ErrorFacts | null;
}

/** A run that is a process of its own. */
export interface RunProcess {
  readonly pid: number;
  readonly ended: Promise<RunEnding>;
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
  /** The database of the server, where that is not the one in the folder. */
  readonly storeUrl?: string | null | undefined;
}

/** Starts runs with all permissions, as a person in a terminal would: so their pipelines must be the project's own. */
export function runStarter({ cwd, project, storeFolder, storeUrl }: RunPlace): StartRun {
  return async ({ pipeline, config, set, isFresh, user }) => {
    await checkOwn(pipeline, { project, storeFolder });
    if (config !== undefined) await checkOwn(config, { project, storeFolder });
    // By name: the launcher may start `deno` and nothing else.
    const child = new Deno.Command("deno", {
      args: [
        ...["run", "-q", "-A", ...await configFlag(project), MAIN, "run", pipeline],
        ...(config === undefined ? [] : ["--config", config]),
        ...set.flatMap((each) => ["--set", each]),
        ...(isFresh ? ["--no-cache"] : []),
        "--json",
      ],
      env: {
        HANOK_STORE: storeFolder,
        INIT_CWD: cwd,
        NO_COLOR: "1",
        ...(storeUrl ? { HANOK_STORE_URL: storeUrl } : {}),
        ...(user === undefined ? {} : { HANOK_USER: user }),
      },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    return {
      pid: child.pid,
      ended: endingOf(child),
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

/** The project's own import map counts, wherever our module lies. */
async function configFlag(project: string): Promise<readonly string[]> {
  for (const name of ["deno.json", "deno.jsonc"]) {
    const path = join(project, name);
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return ["--config", path];
  }
  return [];
}

/** Characters of the printed document that are kept: an error has fewer. */
const KEPT_OUTPUT = 64_000;

/** Waits for the end; a run that could not begin prints why, as a document. */
async function endingOf(child: Deno.ChildProcess): Promise<RunEnding> {
  let printed = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (printed.length < KEPT_OUTPUT) printed += piece;
  }
  const { code } = await child.status;
  return { code, problem: code === 0 ? null : readProblem(printed) };
}

function readProblem(printed: string): ErrorFacts | null {
  try {
    const { error } = JSON.parse(printed) as { readonly error?: ErrorFacts };
    if (error === undefined) return null;
    const { code, what, why, fix } = error;
    return { code, what, why, fix };
  } catch {
    return null; // it was killed before it could tell
  }
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
