import {
  type ArtifactKind,
  type ArtifactWriter,
  type DatasetSchema,
  ExplainedError,
  type FileContent,
  type Json,
} from "../../pipeline/mod.ts";
import { type ArtifactFile, artifactHash, canonicalJson } from "../cache/content_hash.ts";
import type { Store } from "../store/mod.ts";
import {
  type ArtifactRecord,
  DATASET_FILES,
  encodeValue,
  isFileKind,
  openFolder,
  openValue,
  VALUE_FILE,
} from "./artifact_codec.ts";
import { writeDatasetFile } from "./dataset_file.ts";

/** Writes what a step makes, and knows the files behind the handles it gave out. */
export interface StepArtifacts {
  readonly writer: ArtifactWriter;
  /**
   * The artifact behind a value that a step returned.
   *
   * @throws {ExplainedError} `step/foreign-handle` for a handle that neither this writer made nor an input was.
   */
  record(kind: ArtifactKind, value: unknown): Promise<ArtifactRecord>;
}

/** Opens a writer for one step run. `inputs` are artifacts that the step may pass on. */
export function openStepArtifacts(store: Store, inputs: readonly ArtifactRecord[]): StepArtifacts {
  const filesByHash = new Map(inputs.map(({ hash, files }) => [hash, files]));

  const writeFiles = async (contents: readonly (readonly [string, FileContent])[]) => {
    const files: ArtifactFile[] = [];
    for (const [path, content] of contents) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      files.push({ path, ...await store.blobs.put(bytes) });
    }
    return files;
  };

  const keep = async (kind: ArtifactKind, files: readonly ArtifactFile[]) => {
    const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
    const hash = await artifactHash(kind, sorted);
    filesByHash.set(hash, sorted);
    return { kind, hash, files: sorted };
  };

  const writer: ArtifactWriter = {
    async dataset(schema, rows) {
      const temporary = await store.blobs.temporaryPath();
      const { rowCount, nullable } = await writeDatasetFile(temporary, schema.columns, rows);
      const data = await store.blobs.putFile(temporary);
      const whole: DatasetSchema = {
        ...schema,
        columns: schema.columns.map(({ name, type }, i) => ({
          name,
          type,
          nullable: nullable[i] ?? false,
        })),
        rowCount,
      };
      const described = await store.blobs.put(
        new TextEncoder().encode(
          canonicalJson(whole as unknown as Json),
        ),
      );
      const record = await keep("dataset", [
        { path: DATASET_FILES.rows, ...data },
        { path: DATASET_FILES.schema, ...described },
      ]);
      return await openValue({ ...record, kind: "dataset" }, store.blobs);
    },
    async folder(files) {
      refuseBadPaths(Object.keys(files));
      // The kind is known only when the step returns the handle; both kinds hash alike here.
      return openFolder(await keep("folder", await writeFiles(Object.entries(files))), store.blobs);
    },
  };

  const record = async (kind: ArtifactKind, value: unknown): Promise<ArtifactRecord> => {
    if (!isFileKind(kind)) {
      return await keep(kind, await writeFiles([[VALUE_FILE, encodeValue(kind, value)]]));
    }
    const files = filesByHash.get((value as { readonly hash: string }).hash);
    if (files !== undefined) return await keep(kind, files);
    throw new ExplainedError("step/foreign-handle", {
      what: `Cannot store the ${kind} that the step returned`,
      why: "it was written neither by this step's context nor was it one of its inputs",
      fix: "Write it with context.artifacts, or return an input",
    });
  };
  return { writer, record };
}

/** Paths stay inside the folder, on every system. */
function refuseBadPaths(paths: readonly string[]): void {
  const bad = paths.filter((path) =>
    path === "" || path.startsWith("/") || /[\\\0]|^[a-z]:/i.test(path) ||
    path.split("/").some((part) => part === "" || part === "." || part === "..")
  );
  if (bad.length === 0) return;
  throw new ExplainedError("artifact/bad-path", {
    what: `Cannot write ${bad.map((path) => JSON.stringify(path)).join(", ")}`,
    why: "a path in an artifact is relative, without .. and with / between its parts",
    fix: "Name the files like model.onnx or weights/part-1.bin",
  });
}
