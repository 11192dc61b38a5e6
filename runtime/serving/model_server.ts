import type { LoadedModel, ModelFiles } from "./load_model.ts";
import type { ModelCatalog } from "./model_catalog.ts";
import type { ServingTarget } from "./serving_target.ts";

/** A version that is ready to answer. */
export interface ServedVersion {
  readonly name: string;
  readonly version: number;
  readonly model: LoadedModel;
}

/** How an alias stands. */
export interface ServedAlias {
  readonly name: string;
  readonly alias: string;
  /** Version that the registry wants served. */
  readonly wanted: number;
  /** Version that answers now; `null` until the first request asks for it. */
  readonly serving: number | null;
  /** Why `wanted` does not answer, when it could not be loaded. */
  readonly problem: string | null;
}

/** What happens to served models, for the log. */
export type ServingEvent =
  | {
    readonly type: "model-loaded";
    readonly name: string;
    readonly version: number;
    readonly durationMs: number;
  }
  | {
    readonly type: "model-failed";
    readonly name: string;
    readonly version: number;
    readonly problem: string;
  }
  | {
    readonly type: "alias-swapped";
    readonly name: string;
    readonly alias: string;
    readonly from: number;
    readonly to: number;
  }
  | { readonly type: "registry-failed"; readonly problem: string };

/** All models of a registry, loaded when they are asked for, following the registry's aliases. */
export interface ModelServer extends AsyncDisposable {
  /**
   * The version that answers for a target; loads it the first time.
   *
   * @throws {ExplainedError} `serving/unknown-…`, or why the version cannot be loaded.
   */
  open(target: ServingTarget): Promise<ServedVersion>;
  /** The version that answers for a target, if it is loaded already. */
  find(target: ServingTarget): ServedVersion | undefined;
  /** Looks at the registry now, instead of at the next turn. Settles when moved aliases are swapped. */
  refresh(): Promise<void>;
  /** Rows that wait for each loaded version: `[model, version, rows]`. */
  queued(): readonly (readonly [string, number, number])[];
  /** How every alias stands, in the order of names. */
  status(): readonly ServedAlias[];
}

/** What a server of models works with. */
export interface ModelServerOptions {
  readonly catalog: ModelCatalog;
  readonly load: (
    files: ModelFiles,
    id: { readonly name: string; readonly version: number },
  ) => Promise<LoadedModel>;
  readonly onEvent: (event: ServingEvent) => void;
  /** Time between two looks at the registry, in milliseconds. */
  readonly pollMs: number;
}
