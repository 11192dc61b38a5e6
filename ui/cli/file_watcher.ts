import { existsSync } from "node:fs";
import { isSameStamp, type Stamp, stampOf } from "../../runtime/unchanged/file_stamps.ts";
import { isInScope, watchedFolders, type WatchScope } from "./watch_scope.ts";

/** Waits for files of a scope to change. */
export interface FileWatcher extends Disposable {
  /**
   * The files that changed since the watcher was opened, once they have been quiet for a moment;
   * none when the signal fires.
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
  const { promise: quiet, resolve: becomeQuiet } = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = (path: string): void => {
    // A file that was only read, or that looks as before, has not changed.
    const before = stamps.get(path);
    if (before !== undefined && isSameStamp(before, stampOf(path))) return;
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(becomeQuiet, QUIET_MS);
  };
  for (const watcher of watchers) void follow(watcher, scope, look);

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
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

async function follow(
  watcher: Deno.FsWatcher,
  scope: WatchScope,
  look: (path: string) => void,
): Promise<void> {
  for await (const { kind, paths } of watcher) {
    if (kind === "access") continue;
    for (const path of paths) if (isInScope(scope, path)) look(path);
  }
}
