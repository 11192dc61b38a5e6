import type { ModelFiles } from "./load_model.ts";

/** An alias and the version it points at now. */
export interface AliasRow {
  readonly name: string;
  readonly alias: string;
  readonly version: number;
  /** Content hash of its files. */
  readonly files: string;
}

/** What serving asks of the registry. */
export interface ModelCatalog {
  /** Every alias of every model. Asked twice a second, so it has to be cheap. */
  listAliases(): Promise<readonly AliasRow[]>;
  /** Names of all models, with or without aliases. */
  listModels(): Promise<readonly string[]>;
  /** The newest versions of a model, newest first; empty when there is no such model. */
  listVersions(
    name: string,
    options: { readonly limit: number },
  ): Promise<readonly number[]>;
  /** Whether a model has a version. */
  hasVersion(name: string, version: number): Promise<boolean>;
  /** @throws {ExplainedError} When the version's files are not in the store. */
  openFiles(name: string, version: number): Promise<ModelFiles>;
}
