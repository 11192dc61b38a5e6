import { ExplainedError } from "../../pipeline/explained_error.ts";

/**
 * Tells a person what an error of the database or of the file system means; other errors come back
 * as they are.
 *
 * @param what What could not be done: "Cannot …".
 * @param where The folder or file it happened in.
 */
export function explainStoreError(error: unknown, what: string, where: string): unknown {
  const explain = explanations[baseCode(error)];
  if (explain === undefined || error instanceof ExplainedError) return error;
  const [code, state, fix] = explain;
  const message = error instanceof Error ? error.message : String(error);
  return new ExplainedError(code, {
    what,
    why: `${where}: ${state} (${message})`,
    fix,
    cause: error,
  });
}

/** What it means that a remote database could not even be asked. */
export function explainUnreachable(error: unknown, what: string, where: string): unknown {
  if (error instanceof ExplainedError) return error;
  const cause = Object.assign(new Error(String(error)), { code: "SERVER_ERROR" });
  return explainStoreError(cause, what, where);
}

/** Whether another process holds the lock that was asked for: trying again can help. */
export function isBusy(error: unknown): boolean {
  const code = baseCode(error);
  return code === "SQLITE_BUSY" || code === "SQLITE_LOCKED";
}

/** Whether a query met a table that is not there. */
export function isMissingTable(error: unknown): boolean {
  return error instanceof Error && /no such table/.test(error.message);
}

const damaged = [
  "store/damaged",
  "the database file is damaged, or is no database",
  "Copy the folder to a safe place, then start anew with `deno task pipeline reset`, " +
  "or put a backup in its place",
] as const;
const full = [
  "store/disk-full",
  "the disk is full",
  "Free some space (`deno task pipeline cache gc` removes what no recent run needs), then run again",
] as const;
const notWritable = [
  "store/not-writable",
  "the file or folder cannot be written",
  "Give yourself the right to write there, or choose another folder with HANOK_STORE",
] as const;

const explanations: Readonly<Record<string, readonly [string, string, string]>> = {
  SQLITE_CORRUPT: damaged,
  SQLITE_NOTADB: damaged,
  SQLITE_FULL: full,
  ENOSPC: full,
  EDQUOT: full,
  SQLITE_READONLY: notWritable,
  SQLITE_CANTOPEN: notWritable,
  SQLITE_PERM: notWritable,
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: notWritable,
  ENOTDIR: notWritable,
  EISDIR: notWritable,
  EEXIST: notWritable,
  SQLITE_IOERR: [
    "store/disk-error",
    "the disk could not be read or written",
    "See whether the disk is full or failing, then run again",
  ],
  SERVER_ERROR: [
    "store/unreachable",
    "the remote database did not answer as it should",
    "See whether HANOK_STORE_URL and HANOK_STORE_TOKEN are right and the server is up",
  ],
  SQLITE_BUSY: [
    "store/busy",
    "another process has held the database for too long",
    "Wait for the other run or end it, then run again",
  ],
};

/** `SQLITE_IOERR_SHMSIZE` and `SQLITE_IOERR` are one situation for a person. */
function baseCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  // The library tells it in words only, e.g. when the file is a folder.
  if (error.message.includes("Unable to open connection to local database")) {
    return "SQLITE_CANTOPEN";
  }
  if (!("code" in error)) return "";
  const [base] = /^(SQLITE_[A-Z]+|SERVER_ERROR|E[A-Z]+)/.exec(String(error.code)) ?? [""];
  return base;
}
