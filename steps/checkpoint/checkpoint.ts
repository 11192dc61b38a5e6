import { z } from "zod";
import {
  defineStep,
  ExplainedError,
  file,
  type FileContent,
  listProblems,
  type Read,
  type Step,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { CHECKPOINT_FILES, readCheckpoint } from "./checkpoint_files.ts";
import { cachedPaths, type CheckpointPlace, type FindFile, openFiles } from "./find_files.ts";

/** Which checkpoint, and where it is. */
export type CheckpointGiven = Omit<CheckpointPlace, "revision"> & {
  /** Branch, tag or commit. @default "main" */
  readonly revision?: string | undefined;
};

const schema: z.ZodType<CheckpointPlace, CheckpointGiven> = z.strictObject({
  name: z.string().regex(/^[\w.-]+(\/[\w.-]+)?$/, "must be like beomi/kcbert-base"),
  folder: z.string().min(1).optional(),
  cache: z.string().min(1).optional(),
  revision: z.string().min(1).default("main"),
});

/**
 * Gets a pretrained encoder with its tokenizer: from a folder, from a cache of the hub, or from the hub, once.
 *
 * @throws {ExplainedError} `checkpoint/not-found`, `checkpoint/missing-file`, `checkpoint/bad-tokenizer`,
 * `download/unreachable`.
 */
export const checkpoint: Step<
  Record<never, never>,
  { readonly checkpoint: "folder" },
  CheckpointGiven,
  CheckpointPlace
> = defineStep({
  module: import.meta.url,
  name: "checkpoint",
  inputs: {},
  outputs: { checkpoint: "folder" },
  params: schema,
  reads: filesRead,
  async run(context, _inputs, place) {
    const files = await readFiles(await openFiles(context, place), place);
    const folder = await context.artifacts.folder(files);
    const { tokenizer } = await readCheckpoint(folder);
    if (files[CHECKPOINT_FILES.tokenizerConfig] === undefined) {
      context.log(`${place.name} has no tokenizer_config.json: texts become lower case`, "warning");
    }
    const bytes = Object.values(files).reduce((sum, content) => sum + content.length, 0);
    context.summary(
      `${place.name} · ${grouped(tokenizer.vocabulary.length)} tokens · ${
        (bytes / 1e6).toFixed(1)
      } MB`,
    );
    return { checkpoint: folder };
  },
});

function filesRead({ name, folder, cache }: CheckpointPlace): readonly Read[] {
  if (folder !== undefined) return [file(folder)];
  return cache === undefined ? [] : cachedPaths({ name }).map((path) => file(`${cache}/${path}`));
}

/** The files that are needed, and those that tell more. */
async function readFiles(
  find: FindFile,
  { name }: CheckpointPlace,
): Promise<Record<string, FileContent>> {
  const found: Record<string, FileContent> = {};
  const take = async (path: string): Promise<boolean> => {
    const content = await find(path);
    if (content !== undefined) found[path] = content;
    return content !== undefined;
  };
  const missing: string[] = [];
  if (!await take(CHECKPOINT_FILES.config)) missing.push(CHECKPOINT_FILES.config);
  await take(CHECKPOINT_FILES.tokenizerConfig);
  if (!await take(CHECKPOINT_FILES.vocabulary) && !await take(CHECKPOINT_FILES.tokenizer)) {
    missing.push(`${CHECKPOINT_FILES.vocabulary} and ${CHECKPOINT_FILES.tokenizer}`);
  }
  if (!await take(CHECKPOINT_FILES.safetensors) && !await take(CHECKPOINT_FILES.pytorch)) {
    missing.push(`${CHECKPOINT_FILES.safetensors} and ${CHECKPOINT_FILES.pytorch}`);
  }
  if (missing.length === 0) return found;
  throw new ExplainedError("checkpoint/missing-file", {
    what: `Cannot use the checkpoint ${name}`,
    why: listProblems(missing.map((each) => `it has no ${each}`)),
    fix: "Give a checkpoint with config.json, a tokenizer and weights",
  });
}
