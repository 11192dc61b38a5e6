import {
  type ArtifactKind,
  type ArtifactValues,
  type DatasetHandle,
  type DatasetSchema,
  ExplainedError,
  FILE_KINDS,
  type FolderHandle,
  type Json,
} from "../../pipeline/mod.ts";
import { type ArtifactFile, canonicalJson } from "../cache/content_hash.ts";
import type { Blobs } from "../store/mod.ts";
import { readDatasetRows } from "./dataset_file.ts";

/** An artifact as the store knows it. */
export interface ArtifactRecord {
  readonly kind: ArtifactKind;
  /** Content hash of kind and files. */
  readonly hash: string;
  readonly files: readonly ArtifactFile[];
}

/** File names inside the artifacts that are not folders of the step's own making. */
export const DATASET_FILES = { rows: "data.csv", schema: "schema.json" } as const;
export const VALUE_FILE = "value.json";

/** Whether the value of a kind is a handle to files. */
export function isFileKind(kind: ArtifactKind): boolean {
  return (FILE_KINDS as readonly ArtifactKind[]).includes(kind);
}

/**
 * Bytes of a JSON artifact. Equal values give equal bytes.
 *
 * NaN and infinities, which metrics can be, are written as texts; other kinds refuse them.
 *
 * @throws {RangeError} For NaN and infinities outside metrics.
 */
export function encodeValue(kind: ArtifactKind, value: unknown): Uint8Array<ArrayBuffer> {
  const json = kind === "metrics" ? numbersToJson(value as Record<string, number>) : value as Json;
  return new TextEncoder().encode(canonicalJson(json));
}

/** The value of an artifact, for a step that has it as an input. */
export async function openValue<Kind extends ArtifactKind>(
  record: ArtifactRecord & { readonly kind: Kind },
  blobs: Blobs,
): Promise<ArtifactValues[Kind]> {
  const value = record.kind === "dataset"
    ? await openDataset(record, blobs)
    : isFileKind(record.kind)
    ? openFolder(record, blobs)
    : await readValue(record, blobs);
  return value as ArtifactValues[Kind];
}

async function readValue(record: ArtifactRecord, blobs: Blobs): Promise<Json> {
  const value = await openFolder(record, blobs).readJson(VALUE_FILE);
  return record.kind === "metrics" ? numbersFromJson(value as Record<string, Json>) : value;
}

/** A folder artifact as steps see it. */
export function openFolder(record: ArtifactRecord, blobs: Blobs): FolderHandle {
  const files = new Map(record.files.map((file) => [file.path, file]));
  const blobOf = (path: string): string => {
    const file = files.get(path);
    if (file !== undefined) return file.hash;
    throw new ExplainedError("artifact/missing-file", {
      what: `Cannot read ${path}`,
      why: `the ${record.kind} ${record.hash.slice(0, 8)} holds ${[...files.keys()].join(", ")}`,
      fix: "Read one of these files, or write it in the step that makes this artifact",
    });
  };
  const read = (path: string) => readBlob(blobs.pathOf(blobOf(path)));
  return {
    hash: record.hash,
    paths: [...files.keys()].sort(),
    read,
    readJson: async (path) => JSON.parse(new TextDecoder().decode(await read(path))) as Json,
    pathOf: (path) => blobs.pathOf(blobOf(path)),
  };
}

async function readBlob(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    throw new ExplainedError("artifact/missing-blob", {
      what: "Cannot read an artifact",
      why: `its bytes are not at ${path}: ${(cause as Error).message}`,
      fix: "Look at the damage with `deno task pipeline cache verify`, then run the pipeline again",
      cause,
    });
  }
}

async function openDataset(record: ArtifactRecord, blobs: Blobs): Promise<DatasetHandle> {
  const folder = openFolder(record, blobs);
  const schema = await folder.readJson(DATASET_FILES.schema) as unknown as DatasetSchema;
  const path = folder.pathOf(DATASET_FILES.rows);
  return { hash: record.hash, schema, path, rows: () => readDatasetRows(path, schema.columns) };
}

function numbersToJson(metrics: Readonly<Record<string, number>>): Json {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [
      name,
      Number.isFinite(value) ? value : String(value),
    ]),
  );
}

function numbersFromJson(metrics: Readonly<Record<string, Json>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number(value)]),
  );
}
