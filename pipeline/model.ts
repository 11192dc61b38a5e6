import type { Attribution, Column } from "./dataset.ts";
import type { TensorSpec } from "./tensor.ts";
import type { Verdict } from "./evaluation.ts";
import type { Json, JsonObject } from "./json.ts";

/** One raw input of a model, as a caller of the prediction endpoint gives it. */
export interface SignatureInput extends Column {
  /** Smallest and largest value seen in training, for numbers. */
  readonly range?: readonly [number, number];
  /** Values seen in training, for categories. */
  readonly categories?: readonly string[];
}

/** What a model takes and gives: `signature.json` of a model version. */
export interface ModelSignature {
  readonly task: "classification";
  /** Raw columns, before preprocessing. */
  readonly inputs: readonly SignatureInput[];
  /** Class names in the order of the probabilities. */
  readonly labels: readonly string[];
  /** Tensors of `model.onnx`; `null` is the free batch axis. */
  readonly tensors: {
    readonly inputs: readonly TensorSpec[];
    readonly outputs: readonly TensorSpec[];
  };
  /** How a page shows the form: `grid` draws the inputs as a picture of `width` × `height` numbers. */
  readonly form?: {
    readonly kind: "grid";
    readonly width: number;
    readonly height: number;
  };
}

/** Fixed file names inside a model version's folder. */
export const MODEL_FILES = {
  model: "model.onnx",
  /** Weights of a model that is too large for one ONNX file. */
  modelData: "model.onnx.data",
  signature: "signature.json",
  preprocessing: "preprocessing.json",
  inputExample: "input_example.json",
  card: "README.md",
  mlmodel: "MLmodel",
} as const;

/** A folder of files in the store. */
export interface FolderHandle {
  /** Content hash of the file list. */
  readonly hash: string;
  /** Relative paths with `/`, sorted. */
  readonly paths: readonly string[];
  /** @throws {ExplainedError} `artifact/missing-file` when there is no such file. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  readJson(path: string): Promise<Json>;
  /** Path of a file on disk, for libraries that want one. */
  pathOf(path: string): string;
}

/** A trained model: a folder that loads without the pipeline that made it. */
export type ModelHandle = FolderHandle;

/** A registered version, as the register step returns it. */
export interface RegisteredVersion {
  readonly name: string;
  readonly version: number;
}

/** What the register step asks the registry for. */
export interface RegisterRequest {
  readonly name: string;
  readonly model: ModelHandle;
  readonly metrics: Readonly<Record<string, number>>;
  /** Verdict that let it in; when it names a champion, that one must be the champion still. */
  readonly verdict?: Verdict;
  readonly description?: string;
  readonly attribution?: Attribution;
  /** `auto`: a passed version becomes champion at once; `approve`: it waits for a person. */
  readonly promote: "auto" | "approve";
}

/** What a step may ask of the model registry; only steps that declare `effects: true` get it. */
export interface RegistryPort {
  /**
   * Makes a version with alias `candidate` (and `champion` when promoted) in one transaction.
   * The same step run asked twice gets the same version: nothing is registered twice.
   */
  register(
    request: RegisterRequest,
  ): Promise<RegisteredVersion & { readonly aliases: readonly string[] }>;
}

/** A champion that a step declared to read. */
export interface ChampionFacts {
  readonly model: string;
  readonly version: number;
  /** Metrics the version was registered with. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: JsonObject;
}
