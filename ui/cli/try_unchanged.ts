import type { Settings } from "../../runtime/settings.ts";
import type { ManifestKey } from "../../runtime/unchanged/manifest.ts";
import { repeatRun } from "../../runtime/unchanged/repeat_run.ts";
import { findServer } from "../server_address.ts";
import { closingCard } from "./closing_card.ts";
import { openReporter } from "./live_reporter.ts";
import { parsePlainRun, type PlainRun } from "./plain_run.ts";
import { printJson, shellSettings } from "./shell.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/**
 * The short way of `run` when nothing has changed since it ran last. Its imports are few on purpose.
 *
 * @returns The exit code, or `undefined` when the command has to go the long way.
 */
export async function tryUnchanged(args: readonly string[]): Promise<number | undefined> {
  const plain = parsePlainRun(args);
  if (plain === undefined) return undefined;
  const terminal = openTerminal();
  try {
    return await repeat(plain, terminal);
  } catch (error) {
    const { tellError } = await import("./tell_error.ts");
    return tellError(error, args, terminal);
  }
}

async function repeat(plain: PlainRun, terminal: Terminal): Promise<number | undefined> {
  const settings = shellSettings();
  if (settings.storeUrl !== null || settings.server !== null) return undefined;
  using reporter = openReporter(terminal.err, { trace: false });
  const repeated = await repeatRun(
    manifestKey(plain, settings),
    settings,
    (event) => reporter.take(event),
  );
  if (repeated === undefined) return undefined;
  const { summary, card, exitCode } = repeated;
  const { out } = terminal;
  if (plain.json) printJson({ terminal }, summary);
  else {
    const server = await findServer(settings.storeFolder);
    out.lines(closingCard(summary, card, { paint: out.paint, width: out.width(), server }));
  }
  return exitCode;
}

/** Under which name the manifest of a plain run is kept. */
export function manifestKey(
  { target, config, set, engine }: Omit<PlainRun, "json">,
  { cwd, threads }: Settings,
): ManifestKey {
  return { cwd, target, config, set, engine, threads };
}
