import { dirname, join, resolve } from "node:path";

/** What the machine and the person decide, not the pipeline: never part of a result. */
export interface Settings {
  /** Where the person stands. */
  readonly cwd: string;
  /** Folder of the store: database, blobs, events. */
  readonly storeFolder: string;
  /** A remote database instead of the folder's `store.db`. */
  readonly storeUrl: string | null;
  readonly storeAuthToken: string | null;
  /** The team's server that runs are sent to, without a slash at its end. */
  readonly server: string | null;
  readonly serverToken: string | null;
  /** MLflow's deployments server that its pages reach through ours, without a slash at its end. */
  readonly deploymentsTarget: string | null;
  /** CPU threads an engine may use in one operator. */
  readonly threads: number;
  /** Nodes that may run at the same time. */
  readonly parallelNodes: number;
  /** Recorded as who did it. */
  readonly user: string;
  readonly hostname: string;
}

/** The environment as one frozen value. The only place that reads `Deno.env`, apart from secrets. */
export function readSettings(): Settings {
  const cwd = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  const store = Deno.env.get("HANOK_STORE");
  const cores = navigator.hardwareConcurrency;
  return Object.freeze({
    cwd,
    storeFolder: store === undefined || store === ""
      ? join(projectRoot(cwd), "runs")
      : resolve(cwd, store),
    storeUrl: Deno.env.get("HANOK_STORE_URL") ?? null,
    storeAuthToken: Deno.env.get("HANOK_STORE_TOKEN") ?? null,
    server: Deno.env.get("HANOK_SERVER")?.replace(/\/+$/, "") || null,
    serverToken: Deno.env.get("HANOK_SERVER_TOKEN") ?? null,
    deploymentsTarget: Deno.env.get("MLFLOW_DEPLOYMENTS_TARGET")?.replace(/\/+$/, "") || null,
    threads: positiveInteger("HANOK_THREADS") ?? cores,
    parallelNodes: positiveInteger("HANOK_PARALLEL") ?? Math.max(2, cores),
    user: Deno.env.get("HANOK_USER") ?? Deno.env.get("USER") ?? Deno.env.get("USERNAME") ??
      userOfProcess(),
    hostname: Deno.hostname(),
  });
}

/** The nearest folder at or above `from` with a deno.json, else `from` itself. */
export function projectRoot(from: string): string {
  for (let folder = from;; folder = dirname(folder)) {
    if (["deno.json", "deno.jsonc"].some((name) => isThere(join(folder, name)))) return folder;
    if (dirname(folder) === folder) return from;
  }
}

/** Deno's own call: importing node:fs would cost the short way of an unchanged run some 15 ms. */
function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false; // not there, or not to be seen: the same to whoever looks for it
  }
}

/** Containers and services often have no USER: the number of the account is better than nothing. */
function userOfProcess(): string {
  const uid = Deno.build.os === "windows" ? null : Deno.uid();
  return uid === null ? "unknown" : uid === 0 ? "root" : `uid-${uid}`;
}

function positiveInteger(name: string): number | undefined {
  const text = Deno.env.get(name);
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${name} is "${text}", and must be a whole number from 1 on`);
  }
  return value;
}
