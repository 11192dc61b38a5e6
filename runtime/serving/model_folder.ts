import { join } from "node:path";
import { ExplainedError, type Json } from "../../pipeline/mod.ts";
import type { ModelFiles } from "./load_model.ts";

/** A model folder on disk, e.g. one that was exported or copied from another machine. */
export function openModelFolder(folder: string): ModelFiles {
  const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return await Deno.readFile(join(folder, path));
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) throw missing(folder, path, cause);
      throw cause;
    }
  };
  return {
    read,
    readJson: async (path) => {
      const text = new TextDecoder().decode(await read(path));
      try {
        return JSON.parse(text) as Json;
      } catch (cause) {
        throw notJson(join(folder, path), cause);
      }
    },
  };
}

function missing(folder: string, path: string, cause: unknown): ExplainedError {
  return new ExplainedError("artifact/missing-file", {
    what: `Cannot read ${path}`,
    why: `the model folder ${folder} does not hold it`,
    fix: "Give the folder of a model version, as `pipeline models export` writes it",
    cause,
  });
}

function notJson(path: string, cause: unknown): ExplainedError {
  return new ExplainedError("artifact/not-json", {
    what: `Cannot read ${path}`,
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "Copy the model folder again: the file is damaged",
    cause,
  });
}
