/** What tells that a file was not touched: time in milliseconds, bytes, inode. `null`: no such file. */
export type Stamp = readonly [mtime: number, size: number, inode: number] | null;

/** Looks at a file. Costs some microseconds. */
export function stampOf(path: string): Stamp {
  try {
    const { mtime, size, ino } = Deno.statSync(path);
    return [mtime?.getTime() ?? 0, size, ino ?? 0];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Whether two looks at a file saw the same. */
export function isSameStamp(a: Stamp, b: Stamp): boolean {
  if (a === null || b === null) return a === b;
  return a.every((value, i) => value === b[i]);
}

/** Stamps of the files a run was made from, each taken before the file was read. */
export class FileStamps {
  readonly #stamps = new Map<string, Stamp>();

  /** Remembers how a file looks now, if it was not looked at before. */
  take(path: string): void {
    if (!this.#stamps.has(path)) this.#stamps.set(path, stampOf(path));
  }

  /** The files, and whether each still looks the same. */
  list(): readonly (readonly [path: string, stamp: Stamp])[] {
    return [...this.#stamps];
  }

  /** Whether any of these files, by default all, was touched since it was looked at. */
  hasChanged(paths: readonly string[] = [...this.#stamps.keys()]): boolean {
    return paths.some((path) => {
      const stamp = this.#stamps.get(path);
      return stamp !== undefined && !isSameStamp(stamp, stampOf(path));
    });
  }

  /** Files that were last written after a moment, in milliseconds since 1970. */
  newerThan(moment: number, paths: readonly string[]): readonly string[] {
    return paths.filter((path) => (this.#stamps.get(path)?.[0] ?? 0) > moment);
  }
}
