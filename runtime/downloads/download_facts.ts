import { join } from "node:path";

/** What is remembered of a file that was fetched. */
export interface DownloadFacts {
  readonly address: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

const FILE = "facts.json";

/** What is remembered of the file in this folder, if it was ever fetched whole. */
export async function readFacts(folder: string): Promise<DownloadFacts | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(folder, FILE))) as DownloadFacts;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Remembers a file. */
export async function writeFacts(folder: string, facts: DownloadFacts): Promise<void> {
  const path = join(folder, FILE);
  await Deno.writeTextFile(`${path}.new`, `${JSON.stringify(facts, null, 2)}\n`);
  await Deno.rename(`${path}.new`, path);
}
