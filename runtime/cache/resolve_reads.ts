import { type ChampionFacts, ExplainedError, type Read } from "../../pipeline/mod.ts";
import { contentHash, sha256 } from "./content_hash.ts";

/** What the reads of a step resolved to. */
export interface ResolvedReads {
  /** Name to value, for the cache key. */
  readonly parts: Readonly<Record<string, string>>;
  readonly champions: ReadonlyMap<string, ChampionFacts | undefined>;
  /** URL to content. */
  readonly contents: ReadonlyMap<string, () => Promise<Uint8Array<ArrayBuffer>>>;
  /** Paths of the files that were hashed. */
  readonly files: readonly string[];
  /** Whether the answer can change without any file changing. */
  readonly isVolatile: boolean;
}

/** How reads reach the world. */
export interface ReadSources {
  /** Where a path of the pipeline lies. */
  resolvePath(path: string): string;
  /** Told every path before it is looked at, whether or not something is there. */
  onPath(path: string): void;
  /** Stops a download. */
  readonly signal?: AbortSignal;
  /** SHA-256 of a file's bytes, memoised by its stat. */
  hashFile(path: string): Promise<string>;
  findChampion(model: string): Promise<ChampionFacts | undefined>;
}

/** Looks up everything that a step declared to read. */
export async function resolveReads(
  reads: readonly Read[],
  sources: ReadSources,
): Promise<ResolvedReads> {
  const parts: Record<string, string> = {};
  const champions = new Map<string, ChampionFacts | undefined>();
  const contents = new Map<string, () => Promise<Uint8Array<ArrayBuffer>>>();
  const files: string[] = [];
  for (const read of reads) {
    if (read.kind === "file") {
      const path = sources.resolvePath(read.path);
      files.push(path);
      parts[`file ${read.path}`] = await hashPath(path, sources);
    } else if (read.kind === "champion") {
      const facts = await sources.findChampion(read.model);
      champions.set(read.model, facts);
      parts[`champion ${read.model}`] = facts === undefined ? "none" : `version ${facts.version}`;
    } else {
      const { key, content } = await openUrl(read.url, read.ttlSeconds, sources.signal);
      parts[`url ${read.url}`] = key;
      contents.set(read.url, content);
    }
  }
  return {
    parts,
    champions,
    contents,
    files,
    isVolatile: reads.some(({ kind }) => kind === "url"),
  };
}

/** A file's hash; of a folder, the hash of all its files; "missing" when there is neither. */
async function hashPath(path: string, sources: ReadSources): Promise<string> {
  sources.onPath(path);
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    // The step itself says what is wrong, with the knowledge of what it wanted to read.
    if (error instanceof Deno.errors.NotFound) return "missing";
    return `unreadable: ${(error as Error).name}`;
  }
  if (!info.isDirectory) {
    return await sources.hashFile(path).catch((error: Error) => `unreadable: ${error.name}`);
  }
  const entries: Record<string, string> = {};
  for await (const { name } of Deno.readDir(path)) {
    entries[name] = await hashPath(`${path}/${name}`, sources);
  }
  return await contentHash("reads", entries);
}

/** A URL's ETag, or with a ttl the period it falls in, or the hash of its content. */
async function openUrl(
  address: string,
  ttlSeconds: number | undefined,
  signal: AbortSignal | undefined,
): Promise<{ key: string; content: () => Promise<Uint8Array<ArrayBuffer>> }> {
  let downloaded: Promise<Uint8Array<ArrayBuffer>> | undefined;
  const content = () => downloaded ??= download(address, signal);
  if (ttlSeconds !== undefined) {
    const period = Math.floor(Date.now() / 1000 / Math.max(1, ttlSeconds));
    return { key: `period ${period} of ${ttlSeconds} s`, content };
  }
  const etag = await request(address, "HEAD", signal).then(
    async (response) => {
      await response.body?.cancel();
      return response.headers.get("etag");
    },
    (error: unknown) => {
      if (signal?.aborted) throw error;
      return null; // some servers know no HEAD: the content then tells
    },
  );
  return { key: etag ?? await sha256(await content()), content };
}

async function download(
  address: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await request(address, "GET", signal);
  return new Uint8Array(await response.arrayBuffer());
}

/** How long a server may take to answer a question, and to send a whole file. */
const LIMIT_MS = { HEAD: 30_000, GET: 600_000 } as const;

async function request(
  address: string,
  method: keyof typeof LIMIT_MS,
  signal: AbortSignal | undefined,
): Promise<Response> {
  let response: Response;
  const limit = AbortSignal.timeout(LIMIT_MS[method]);
  try {
    response = await fetch(address, {
      method,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw unreachable(address, (cause as Error).message, cause);
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw unreachable(address, `it answers ${response.status} ${response.statusText}`);
}

function unreachable(address: string, why: string, cause?: unknown): ExplainedError {
  return new ExplainedError("reads/unreachable-url", {
    what: `Cannot read ${address}`,
    why,
    fix: "Check the address and the network, or use a local file",
    cause,
  });
}
