import { join } from "node:path";
import { ExplainedError, listProblems, type StepContext } from "../../pipeline/mod.ts";
import { CHECKPOINT_FILES } from "./checkpoint_files.ts";

/** Where a checkpoint is looked for. */
export interface CheckpointPlace {
  /** Name on the hub: `beomi/kcbert-base`. */
  readonly name: string;
  /** A folder that holds its files; the hub is then not asked. */
  readonly folder?: string | undefined;
  /** A cache of the hub, as `huggingface_hub` or Transformers.js keeps it; the hub is then not asked. */
  readonly cache?: string | undefined;
  readonly revision: string;
}

/** Reads one file; `undefined` when there is none. */
export type FindFile = (file: string) => Promise<Uint8Array<ArrayBuffer> | undefined>;

/** Where the hub serves files. */
const HUB = "https://huggingface.co";

/**
 * How the files of a checkpoint are found: in a folder, in a cache, or on the hub, from where each is fetched once.
 *
 * @throws {ExplainedError} `checkpoint/not-found` when folder or cache do not hold the checkpoint.
 */
export async function openFiles(context: StepContext, place: CheckpointPlace): Promise<FindFile> {
  if (place.folder !== undefined) return readFrom(context.resolvePath(place.folder));
  if (place.cache === undefined) return fetchFrom(context, place);
  const tried = cachedFolders(context.resolvePath(place.cache), place);
  for (const folder of await Promise.all(tried)) {
    if (await isThere(join(folder, CHECKPOINT_FILES.config))) return readFrom(folder);
  }
  throw new ExplainedError("checkpoint/not-found", {
    what: `Cannot find ${place.name} in the cache`,
    why: listProblems((await Promise.all(tried)).map((each) => `there is no ${each}/config.json`)),
    fix: "Fetch it there, or leave the cache out: then it is downloaded",
  });
}

/** Paths, relative to a cache, on which the files of a checkpoint depend. */
export function cachedPaths({ name }: Pick<CheckpointPlace, "name">): readonly string[] {
  const hub = `models--${name.replaceAll("/", "--")}`;
  return [`${hub}/refs`, `${hub}/snapshots`, name];
}

/** `models--org--name/snapshots/<commit>` with the commit in `refs/<revision>`; or `org/name`. */
function cachedFolders(cache: string, { name, revision }: CheckpointPlace): Promise<string>[] {
  const hub = join(cache, `models--${name.replaceAll("/", "--")}`);
  const commit = Deno.readTextFile(join(hub, "refs", revision)).then(
    (text) => text.trim(),
    () => revision,
  );
  return [
    commit.then((id) => join(hub, "snapshots", id)),
    Promise.resolve(join(cache, ...name.split("/"))),
  ];
}

function readFrom(folder: string): FindFile {
  return async (file) => {
    try {
      return await Deno.readFile(join(folder, file));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  };
}

function fetchFrom(context: StepContext, { name, revision }: CheckpointPlace): FindFile {
  return async (file) => {
    const path = encodeURI(`${name}/resolve/${revision}/${file}`);
    try {
      return await Deno.readFile(await context.download(`${HUB}/${path}`));
    } catch (error) {
      if (error instanceof ExplainedError && error.code === "download/not-there") return undefined;
      throw error;
    }
  };
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
