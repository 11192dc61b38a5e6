import { ExplainedError } from "../../pipeline/explained_error.ts";
import { readSettings, type Settings } from "../../runtime/settings.ts";
import type { Store } from "../../runtime/store/mod.ts";
import type { Terminal } from "./terminal.ts";

/** What a command gets from the process it runs in. */
export interface Shell {
  /** Words of the command line, the command's name first. */
  readonly args: readonly string[];
  readonly terminal: Terminal;
  readonly settings: Settings;
  /** Code the process ends with: 0 done, 1 failed, 2 wrong usage, 3 a gate said no, 130 cancelled. */
  exitCode: number;
}

/**
 * The settings of this process.
 *
 * @throws {ExplainedError} `cli/bad-setting` when an environment variable cannot be used.
 */
export function shellSettings(): Settings {
  try {
    return readSettings();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ExplainedError("cli/bad-setting", {
      what: "Cannot use an environment variable",
      why: error.message,
      fix: "Set it to such a number, or unset it",
      cause: error,
    });
  }
}

/** Opens the store that the settings name. */
export async function openShellStore({ settings }: Shell): Promise<Store> {
  const { openStore, reconcileRuns } = await import("../../runtime/store/mod.ts");
  const { storeFolder, storeUrl, storeAuthToken } = settings;
  const store = await openStore({
    folder: storeFolder,
    ...(storeUrl === null ? {} : { url: storeUrl }),
    ...(storeAuthToken === null ? {} : { authToken: storeAuthToken }),
  });
  // Who looks is to see how things stand; a store that cannot be written can still be looked at.
  await reconcileRuns(store).catch(() => {});
  return store;
}

/** Prints the one JSON document of a command. NaN and infinities, which JSON has not, are texts. */
export function printJson({ terminal }: Pick<Shell, "terminal">, document: unknown): void {
  const readable = (_key: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  terminal.out.lines([JSON.stringify(document, readable, 2)]);
}
