import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { findPipeline } from "../../runtime/pipelines/load_pipeline.ts";
import { projectRoot } from "../../runtime/settings.ts";
import { manifestPath, readManifest } from "../../runtime/unchanged/manifest.ts";
import { CANCELLED, openCancellation } from "./cancel_on_signal.ts";
import { type FileWatcher, openFileWatcher } from "./file_watcher.ts";
import { plural } from "./quantity.ts";
import type { RunFlags } from "./run_flags.ts";
import type { Shell } from "./shell.ts";
import { manifestKey } from "./try_unchanged.ts";
import { findWatchScope } from "./watch_scope.ts";

/**
 * Runs a pipeline again and again, whenever a file it depends on changes, until Ctrl-C.
 *
 * Every run is a process of its own: a module that was imported once cannot be imported anew.
 *
 * @returns The exit code: 130.
 * @throws {ExplainedError} `pipeline/unknown`.
 */
export async function watchRun(
  shell: Shell,
  target: string | undefined,
  flags: RunFlags,
): Promise<number> {
  const { settings: { cwd }, terminal: { err } } = shell;
  const path = await findPipeline(target, cwd);
  using cancellation = openCancellation({
    onFirst: () => {},
    onSecond: () => Deno.exit(CANCELLED),
  });
  const { signal } = cancellation;
  while (!signal.aborted) {
    using watcher = await openRunWatcher(shell, path, { target, flags });
    const early = await runUntilChange(shell, watcher, signal);
    if (signal.aborted) break;
    // The run may have read files that were not known before it.
    using later = await openRunWatcher(shell, path, { target, flags });
    if (early.length === 0) err.lines([err.paint.dim("Waiting for a change. Ctrl-C ends.")]);
    const changed = early.length > 0 ? early : await firstChange([watcher, later], signal);
    if (changed.length > 0) err.lines(["", changeLine(changed, cwd)]);
  }
  return CANCELLED;
}

async function openRunWatcher(
  { settings }: Shell,
  path: string,
  { target, flags }: { readonly target: string | undefined; readonly flags: RunFlags },
): Promise<FileWatcher> {
  const { config = null, set = [], engine = "auto" } = flags;
  const key = manifestKey({ target: target ?? null, config, set, engine }, settings);
  const manifest = await readManifest(await manifestPath(settings.storeFolder, key));
  return openFileWatcher(
    await findWatchScope(path, {
      projectFolder: projectRoot(settings.cwd),
      storeFolder: settings.storeFolder,
      known: manifest?.files.map(([file]) => file) ?? [],
    }),
  );
}

/** Runs the command once. A change while it runs stops it; the changed files are returned. */
async function runUntilChange(
  { args, settings }: Shell,
  watcher: FileWatcher,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ended = new AbortController();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "-q",
      ...configOption(settings.cwd),
      Deno.mainModule,
      ...withoutWatch(args),
    ],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    env: { INIT_CWD: settings.cwd },
  }).spawn();
  const stop = (): void => {
    try {
      child.kill("SIGINT");
    } catch (error) {
      // It has just ended by itself.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  void child.status.then(() => ended.abort());
  const changed = await watcher.changed(AbortSignal.any([signal, ended.signal]));
  if (changed.length > 0) stop();
  await child.status;
  signal.removeEventListener("abort", stop);
  return changed;
}

async function firstChange(
  watchers: readonly FileWatcher[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  return await Promise.race(watchers.map((watcher) => watcher.changed(signal)));
}

/** The child is to use the import map of the person's project, wherever our module lies. */
function configOption(cwd: string): readonly string[] {
  const root = projectRoot(cwd);
  const config = ["deno.json", "deno.jsonc"].map((name) => join(root, name))
    .find((path) => existsSync(path));
  return config === undefined ? [] : ["--config", config];
}

/** The arguments without `--watch`, `-w` and the `w` among several letters. */
export function withoutWatch(args: readonly string[]): readonly string[] {
  return args.flatMap((arg) => {
    if (arg === "--watch" || arg === "-w") return [];
    return /^-[a-z]*w[a-z]*$/.test(arg) ? [arg.replace("w", "")] : [arg];
  });
}

function changeLine(changed: readonly string[], cwd: string): string {
  const [first = ""] = changed;
  const rest = changed.length - 1;
  return `changed: ${relative(cwd, first)}${rest > 0 ? ` and ${plural(rest, "more file")}` : ""}`;
}
