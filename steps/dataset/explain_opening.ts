import { basename, dirname } from "node:path";
import { didYouMean, ExplainedError } from "../../pipeline/mod.ts";
import type { TextFile } from "./text_chunks.ts";

/** What to tell the user when a file could not be opened; other errors are handed back as they are. */
export async function explainOpening(file: TextFile, error: unknown): Promise<unknown> {
  const what = `Cannot read ${file.shown}`;
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    const nearest = didYouMean(basename(file.path), await namesIn(dirname(file.path)));
    return new ExplainedError("dataset/missing-file", {
      what,
      why: `there is no file ${file.path}${nearest}`,
      fix: "Correct `path` of the dataset step; a relative path starts where it was written: " +
        "where you stand for --set, else beside the YAML file or the pipeline",
      cause: error,
    });
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return new ExplainedError("dataset/unreadable-file", {
      what,
      why: `reading ${file.path} is not permitted`,
      fix: "Give yourself the right to read it (chmod u+r), or run Deno with --allow-read",
      cause: error,
    });
  }
  return error;
}

/** Names of what lies in a folder; none when the folder cannot be listed. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [];
  }
  return names;
}
