import { join } from "node:path";
import { ExplainedError } from "../../pipeline/mod.ts";
import { sha256 } from "../cache/content_hash.ts";
import { hashFile } from "../store/blobs.ts";
import { fetchInto, type PartialFile } from "./fetch_into.ts";
import { type DownloadFacts, readFacts, writeFacts } from "./download_facts.ts";

/** Where downloads are kept, and who wants to know. */
export interface DownloadOptions {
  /** Folder of all downloads. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Told how many bytes are there, and how many there will be, if the server says so. */
  readonly onBytes?: (done: number, total: number | undefined) => void;
}

/**
 * A local copy of a file from the web. It is fetched once, and then needs no network; a fetch that broke off goes on
 * where it stopped, also in another process. What is fetched again must be what it was the first time.
 *
 * @returns Its path.
 * @throws {ExplainedError} `download/unreachable`, or `download/changed` when size or SHA-256 differ from the first fetch.
 */
export async function downloadFile(address: string, options: DownloadOptions): Promise<string> {
  const folder = join(
    options.folder,
    (await sha256(new TextEncoder().encode(address))).slice(0, 16),
  );
  const content = join(folder, "content");
  await Deno.mkdir(folder, { recursive: true });
  using part = await Deno.open(join(folder, "part"), { read: true, write: true, create: true });
  // Another process may be fetching the same file: then this one waits, and finds it done.
  await part.lock(true);
  const known = await readFacts(folder);
  if (known !== undefined && await sizeOf(content) === known.size) return content;

  const partial: PartialFile = { file: part, etagPath: join(folder, "etag") };
  await fetchInto(partial, address, options);
  const path = join(folder, "part");
  const facts = { address, size: (await part.stat()).size, sha256: await hashFile(path) };
  if (known !== undefined) await refuseChanged(known, facts, part);
  await writeFacts(folder, facts);
  await part.sync();
  await Deno.copyFile(path, `${content}.new`);
  await Deno.rename(`${content}.new`, content);
  await part.truncate(0);
  return content;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return await Deno.stat(path).then(({ size }) => size, () => undefined);
}

async function refuseChanged(
  known: DownloadFacts,
  found: DownloadFacts,
  part: Deno.FsFile,
): Promise<void> {
  if (known.size === found.size && known.sha256 === found.sha256) return;
  await part.truncate(0);
  const told = ({ size, sha256 }: DownloadFacts) =>
    `${size} bytes, SHA-256 ${sha256.slice(0, 12)}…`;
  throw new ExplainedError("download/changed", {
    what: `Cannot use ${found.address}`,
    why: `it is not what it was when it was first fetched: now ${told(found)}, then ${told(known)}`,
    fix:
      "Ask its publisher; to accept the new file, use another address for it (e.g. with ?v=2), or a local copy",
  });
}
