import { insertRows, selectRow } from "./rows.ts";
import type { Store } from "./open_store.ts";

/** What tells that a file was not touched. */
export interface FileStamp {
  /** Milliseconds since 1970. */
  readonly mtime: number;
  /** Bytes. */
  readonly size: number;
  /** 0 where the system has none. */
  readonly ino: number;
}

/** The content hash a file had when its stamp was the same, or `undefined`. */
export async function findFileHash(
  store: Store,
  path: string,
  stamp: FileStamp,
): Promise<string | undefined> {
  const row = await selectRow<FileStamp & { hash: string }>(
    store.client,
    "SELECT mtime, size, ino, hash FROM file_hashes WHERE path = ?",
    [path],
  );
  const same = row !== undefined && row.mtime === stamp.mtime && row.size === stamp.size &&
    row.ino === stamp.ino;
  return same ? row.hash : undefined;
}

/** Remembers the content hash of a file. */
export async function recordFileHash(
  store: Store,
  path: string,
  memo: FileStamp & { readonly hash: string },
): Promise<void> {
  const { mtime, size, ino, hash } = memo;
  await store.write((transaction) =>
    insertRows(
      transaction,
      "file_hashes",
      [{ path, mtime, size, ino, hash }],
      `ON CONFLICT DO UPDATE SET mtime = excluded.mtime, size = excluded.size,
       ino = excluded.ino, hash = excluded.hash`,
    )
  );
}
