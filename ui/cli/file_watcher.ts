import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isSameStamp, type Stamp, stampOf } from "../../runtime/unchanged/file_stamps.ts";
import { isInScope, watchedFolders, type WatchScope } from "./watch_scope.ts";

/** Waits for files of a scope to change. */
export interface FileWatcher extends Disposable {
  /**
   * The files that changed since the watcher was opened, once they have been quiet for a moment;
   * none when the signal fires first.
   */
  changed(signal: AbortSignal): Promise<readonly string[]>;
}

/** Editors write a file in several steps. */
const QUIET_MS = 150;

/** Watches a scope from now on. */
export function openFileWatcher(scope: WatchScope): FileWatcher {
  const stamps = new Map<string, Stamp>([...scope.files].map((path) => [path, stampOf(path)]));
  const { deep, flat } = watchedFolders(scope);
  const watchers = [
    Deno.watchFs(deep, { recursive: true }),
    ...flat.filter((folder) => existsSync(folder))
      .map((folder) => Deno.watchFs(folder, { recursive: false })),
  ];
  const changed = new Set<string>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const { promise: quiet, resolve: becomeQuiet } = Promise.withResolvers<void>();
  let quietTimer: ReturnType<typeof setTimeout> | undefined;

  const look = (path: string): void => {
    if (!isInScope(scope, path)) return;
    // A file that was only read, or that looks as before, has not changed.
    const before = stamps.get(path);
    if (before !== undefined && isSameStamp(before, stampOf(path))) return;
    changed.add(path);
    clearTimeout(quietTimer);
    quietTimer = setTimeout(becomeQuiet, QUIET_MS);
  };
  // What was put into a new folder before the system watched it too is seen a moment later.
  const lookInside = (folder: string): void => {
    timers.add(setTimeout(() => filesBelow(folder).forEach(look), QUIET_MS));
  };
  for (const watcher of watchers) void follow(watcher, { look, lookInside });

  return {
    async changed(signal) {
      const aborted = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
      });
      await Promise.race([quiet, aborted]);
      return signal.aborted ? [] : [...changed].sort();
    },
    [Symbol.dispose]() {
      clearTimeout(quietTimer);
      for (const timer of timers) clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

async function follow(
  watcher: Deno.FsWatcher,
  { look, lookInside }: {
    readonly look: (path: string) => void;
    readonly lookInside: (folder: string) => void;
  },
): Promise<void> {
  for await (const { kind, paths } of watcher) {
    if (kind === "access") continue;
    for (const path of paths) {
      if (["create", "rename"].includes(kind) && isFolder(path)) lookInside(path);
      else look(path);
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Files of a folder and its folders; none when it is gone again. */
function filesBelow(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
