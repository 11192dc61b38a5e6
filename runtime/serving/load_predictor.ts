import { stat } from "node:fs/promises";
import { join } from "node:path";
import { MODEL_FILES, type ModelSignature } from "../../pipeline/mod.ts";
import { getVersion } from "../registry/mod.ts";
import { readSettings } from "../settings.ts";
import { openStore, type Store } from "../store/mod.ts";
import { BadInputError } from "./answer_request.ts";
import type { InputRow } from "./check_input.ts";
import { type LoadedModel, loadModel, type ModelFiles } from "./load_model.ts";
import { openModelFolder } from "./model_folder.ts";
import type { Answer } from "./predict.ts";
import { readRows } from "./quick_rows.ts";
import { openVersionFiles } from "./registry_catalog.ts";
import { openServingPorts } from "./serving_ports.ts";

/** A model for code that predicts itself. Release with `await using`. */
export interface Predictor extends AsyncDisposable {
  /** Name of the model, or the folder it was loaded from. */
  readonly name: string;
  /** `null` for a folder. */
  readonly version: number | null;
  readonly signature: ModelSignature;
  /** Rows that came with the model; empty when it has none. */
  readonly inputExample: readonly InputRow[];
  /**
   * Answers a text, for a model whose only input is one: `predict("다시 보고 싶은 영화")`.
   *
   * @throws {BadInputError} When the model takes something else.
   */
  predict(text: string, options?: TextOptions): Promise<TextAnswer>;
  /** Answers many texts, in their order. */
  predict(texts: readonly string[], options?: TextOptions): Promise<TextAnswer[]>;
  /**
   * Answers one row, by feature name.
   *
   * @throws {BadInputError} When it does not fit the signature; it names every problem.
   */
  predict(row: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Answers many rows, in their order; a row is an object by feature name or a list in the signature's order. */
  predict(rows: PredictorRows): Promise<Answer[]>;
}

/** What an answer to a text is to hold. */
export interface TextOptions {
  /** Whether to give the probability of every label. @default false */
  readonly returnProbs?: boolean;
}

/** What a model says of a text. */
export interface TextAnswer {
  readonly text: string;
  /** The most probable label. */
  readonly label: string;
  /** Its probability, 0 to 1. */
  readonly confidence: number;
  /** By label; only when asked for. */
  readonly probs?: Readonly<Record<string, number>>;
}

/** Rows that a predictor takes. */
export type PredictorRows = readonly (Readonly<Record<string, unknown>> | readonly unknown[])[];

/** What a predictor takes: a text, texts, one row or rows. */
type Given = string | readonly string[] | Readonly<Record<string, unknown>> | PredictorRows;

/** Where a predictor looks for its model. */
export interface PredictorOptions {
  /** An open store, or the folder of one. @default `HANOK_STORE`, else `runs/` beside the nearest deno.json */
  readonly store?: Store | string;
  /** CPU threads for one operator. @default `HANOK_THREADS`, else all cores */
  readonly threads?: number;
}

/**
 * Loads a model: `digits` (its champion, else its newest version), `digits@candidate`, `digits/3`,
 * or the path of a model folder (`./my_model`).
 *
 * @throws {ExplainedError} When there is no such model, or it cannot be loaded.
 */
export async function loadPredictor(
  reference: string,
  options: PredictorOptions = {},
): Promise<Predictor> {
  const threads = options.threads ?? readSettings().threads;
  const opened = await isModelFolder(reference)
    ? { name: reference, version: null, files: openModelFolder(reference) }
    : await openVersion(reference, options.store);
  const ports = await openServingPorts({ threads });
  try {
    // A program waits for its own prediction: neither a thread nor a deadline would help it.
    const { engine, preprocessing } = ports;
    const model = await loadModel(opened.files, { engine, preprocessing }, {
      limits: LIMITS,
      isAlone: true,
    });
    return predictorOf(model, { ...opened, ports });
  } catch (error) {
    await ports[Symbol.asyncDispose]();
    throw error;
  }
}

const LIMITS = { batchRows: 1024, queuedRows: Infinity } as const;

function predictorOf(
  model: LoadedModel,
  { name, version, ports }: {
    readonly name: string;
    readonly version: number | null;
    readonly ports: AsyncDisposable;
  },
): Predictor {
  const answer = async (rows: Given): Promise<Answer[]> => {
    const checked = readRows(model.signature, Array.isArray(rows) ? { rows } : rows);
    if (checked.ok) return [...await model.predict(checked.rows)];
    const target = version === null ? name : `${name}/${version}`;
    throw new BadInputError(target, checked.problems, checked.total);
  };
  const predict = async (
    given: Given,
    options?: TextOptions,
  ): Promise<TextAnswer | TextAnswer[] | Answer | Answer[]> => {
    const answers = await answer(given);
    if (typeof given === "string") return textAnswer(given, answers[0]!, options);
    if (!Array.isArray(given)) return answers[0]!;
    if (!isTexts(given)) return answers;
    return answers.map((each, i) => textAnswer(given[i]!, each, options));
  };
  return {
    name,
    version,
    signature: model.signature,
    inputExample: model.inputExample,
    predict: predict as Predictor["predict"],
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await ports[Symbol.asyncDispose]();
    },
  };
}

function isTexts(given: Given): given is readonly string[] {
  return Array.isArray(given) && given.length > 0 &&
    given.every((each) => typeof each === "string");
}

function textAnswer(
  text: string,
  { label, confidence, probabilities }: Answer,
  { returnProbs = false }: TextOptions = {},
): TextAnswer {
  return { text, label, confidence, ...(returnProbs ? { probs: probabilities } : {}) };
}

/** A path (`./m`, `/m`, `C:\m`), or a folder that holds a signature. A model's own name comes second. */
async function isModelFolder(reference: string): Promise<boolean> {
  if (/^(\.{1,2}[\\/]|[\\/]|[A-Za-z]:[\\/])/.test(reference)) return true;
  return await stat(join(reference, MODEL_FILES.signature)).then(
    (file) => file.isFile(),
    () => false,
  );
}

async function openVersion(
  reference: string,
  given: Store | string | undefined,
): Promise<{ name: string; version: number; files: ModelFiles }> {
  if (given !== undefined && typeof given !== "string") return await findFiles(given, reference);
  const { storeFolder, storeUrl, storeAuthToken } = readSettings();
  const store = await openStore({
    folder: given ?? storeFolder,
    ...(given === undefined && storeUrl !== null ? { url: storeUrl } : {}),
    ...(given === undefined && storeAuthToken !== null ? { authToken: storeAuthToken } : {}),
  });
  // Files are read through blobs on disk, which do not need the database any more.
  try {
    return await findFiles(store, reference);
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

async function findFiles(
  store: Store,
  reference: string,
): Promise<{ name: string; version: number; files: ModelFiles }> {
  const { name, version } = await getVersion(store, reference);
  return { name, version, files: await openVersionFiles(store, name, version) };
}
