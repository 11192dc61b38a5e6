import { statSync } from "node:fs";

/** What tells that a file was not touched: time in milliseconds, bytes, inode. `null`: no such file. */
export type Stamp = readonly [mtime: number, size: number, inode: number] | null;

/** Looks at a file. Costs some microseconds. */
export function stampOf(path: string): Stamp {
  const info = statSync(path, { throwIfNoEntry: false });
  return info === undefined ? null : [info.mtimeMs, info.size, info.ino];
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

  /** Whether any file was touched since it was looked at. */
  hasChanged(): boolean {
    return this.list().some(([path, stamp]) => !isSameStamp(stamp, stampOf(path)));
  }
}
