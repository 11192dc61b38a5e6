import type { DatasetHandle } from "./dataset.ts";
import type { Evaluation, Metrics, Verdict } from "./evaluation.ts";
import type { Json } from "./json.ts";
import type { FolderHandle, ModelHandle, RegisteredVersion } from "./model.ts";
import type { FittedPreprocessing } from "./preprocessing.ts";

/** What a step receives and returns, by the kind of artifact. */
export interface ArtifactValues {
  /** A table on disk. */
  readonly dataset: DatasetHandle;
  /** Preprocessing fitted on a training split. */
  readonly preprocessing: FittedPreprocessing;
  /** A model folder. */
  readonly model: ModelHandle;
  /** Named numbers. */
  readonly metrics: Metrics;
  readonly evaluation: Evaluation;
  readonly verdict: Verdict;
  /** A registered model version. */
  readonly version: RegisteredVersion;
  /** Any JSON value. */
  readonly json: Json;
  /** Any files. */
  readonly folder: FolderHandle;
}

/** Kind of an artifact: what may be wired to what. */
export type ArtifactKind = keyof ArtifactValues;

/** Kinds whose value lives in files and is written through `context.artifacts`. */
export const FILE_KINDS = [
  "dataset",
  "model",
  "folder",
] as const satisfies readonly ArtifactKind[];

/** An output of a node, to be wired into another node's input. */
export interface ArtifactRef<Kind extends ArtifactKind = ArtifactKind> {
  readonly kind: Kind;
  /** Name of the output. */
  readonly output: string;
  /** The node that produces it. Names an opaque value: the declaration language reads it, people do not. */
  readonly node: NodeIdentity;
}

/** The part of a placed node that a reference shows. */
export interface NodeIdentity {
  readonly id: string;
}
