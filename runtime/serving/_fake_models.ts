import {
  ExplainedError,
  type Json,
  MODEL_FILES,
  type ModelSignature,
  type Tensor,
} from "../../pipeline/mod.ts";
import type { LoadedModel, ModelFiles } from "./load_model.ts";
import type { AliasRow, ModelCatalog } from "./model_catalog.ts";

/** Two numbers and two categories, one of each may be missing. */
export const SIGNATURE: ModelSignature = {
  task: "classification",
  inputs: [
    { name: "length", type: "number", nullable: false, range: [1, 9] },
    { name: "count", type: "integer", nullable: true, range: [0, 4] },
    { name: "plan", type: "string", nullable: false, categories: ["basic", "pro"] },
    { name: "active", type: "boolean", nullable: true, categories: ["false", "true"] },
  ],
  labels: ["no", "yes"],
  tensors: { inputs: [], outputs: [] },
};

/** A row that fits. */
export const ROW = { length: 2.5, count: 3, plan: "pro", active: true } as const;

/** Probabilities `[rows, 2]` of one number a row. */
export function probabilities(shares: readonly number[]): Readonly<Record<string, Tensor>> {
  const data = Float32Array.from(shares.flatMap((share) => [1 - share, share]));
  return { probabilities: { type: "float32", shape: [shares.length, 2], data } };
}

/** A model folder in memory; a file with the value `undefined` is missing. */
export function modelFiles(files: Readonly<Record<string, Json | undefined>> = {}): ModelFiles {
  const all: Readonly<Record<string, Json | undefined>> = {
    [MODEL_FILES.signature]: SIGNATURE as unknown as Json,
    [MODEL_FILES.preprocessing]: {},
    [MODEL_FILES.inputExample]: ROW,
    [MODEL_FILES.model]: "onnx",
    ...files,
  };
  const find = (path: string): Json => {
    const content = all[path];
    if (content !== undefined) return content;
    throw new ExplainedError("artifact/missing-file", {
      what: `Cannot read ${path}`,
      why: "it is not there",
      fix: "Write it",
    });
  };
  return {
    readJson: (path) => Promise.try(() => find(path)),
    read: (path) => Promise.try(() => new TextEncoder().encode(String(find(path)))),
  };
}

/** A model that says of every row that it is of its own version, and remembers whether it was let go. */
export interface FakeModel extends LoadedModel {
  readonly version: number;
  released: boolean;
}

/** A model whose every answer names its version; the answer waits for `gate`. */
export function fakeModel(version: number, gate: Promise<void> = Promise.resolve()): FakeModel {
  const running = new Set<Promise<unknown>>();
  const model: FakeModel = {
    version,
    released: false,
    signature: SIGNATURE,
    inputExample: [ROW],
    isSlow: false,
    takesText: true,
    waitingRows: 0,
    predict(rows) {
      if (model.released) {
        const why = "it was let go";
        throw new ExplainedError("serving/closed", {
          what: "Cannot answer",
          why,
          fix: "Ask again",
        });
      }
      const answers = gate.then(() =>
        rows.map(() => ({ label: `v${version}`, confidence: 1, probabilities: {} }))
      );
      running.add(answers);
      return answers.finally(() => running.delete(answers));
    },
    async [Symbol.asyncDispose]() {
      model.released = true;
      await Promise.allSettled(running);
    },
  };
  return model;
}

/** An alias; its files follow from the version. */
type FakeAlias = Omit<AliasRow, "files">;

/** A registry in memory, whose aliases a test moves. */
export interface FakeCatalog extends ModelCatalog {
  aliases: FakeAlias[];
  versions: Record<string, number[]>;
}

/** A registry in memory; files are named by the version. */
export function fakeCatalog(
  aliases: FakeAlias[],
  versions: Record<string, number[]>,
): FakeCatalog {
  const catalog: FakeCatalog = {
    aliases,
    versions,
    listAliases: () =>
      Promise.resolve(
        catalog.aliases.map((row) => ({ ...row, files: `${row.name}/${row.version}` })),
      ),
    listModels: () => Promise.resolve(Object.keys(catalog.versions)),
    listVersions: (name, { limit }) =>
      Promise.resolve((catalog.versions[name] ?? []).slice(0, limit)),
    hasVersion: (name, version) =>
      Promise.resolve((catalog.versions[name] ?? []).includes(version)),
    openFiles: (_name, version) => Promise.resolve(modelFiles({ version })),
  };
  return catalog;
}
