import {
  type EnginePort,
  ExplainedError,
  type FittedPreprocessing,
  type FolderHandle,
  MODEL_FILES,
  type ModelSignature,
  type PreprocessingPort,
} from "../../pipeline/mod.ts";
import {
  type BatchFacts,
  type BatchLimits,
  type BatchQueue,
  type BatchQueueOptions,
  openBatchQueue,
} from "./batching.ts";
import { checkInput, type InputRow, textInput } from "./check_input.ts";
import { parseSignature } from "./parse_signature.ts";
import { type Answer, answerOf, answersOf } from "./predict.ts";
import { chooseRunner } from "./choose_runner.ts";
import type { ModelRow, RowRunner, RunnerParts } from "./row_runner.ts";

/** Files of a model version, wherever they are. */
export type ModelFiles = Pick<FolderHandle, "read" | "readJson">;

/** What a model needs to answer. */
export interface ServingPorts {
  readonly engine: Pick<EnginePort, "openInference" | "readExternalData">;
  readonly preprocessing: Pick<PreprocessingPort, "open" | "encodeMany">;
  /** Opens a slow model in a thread of its own. @default all run in this one */
  readonly openApart?: (parts: RunnerParts) => Promise<RowRunner>;
}

/** A model that answers. Disposing it waits for the requests it has taken. */
export interface LoadedModel extends AsyncDisposable {
  readonly signature: ModelSignature;
  /** Rows that came with the model, to try it on; empty when it has none. */
  readonly inputExample: readonly InputRow[];
  /** Whether it works in a thread of its own, because a batch takes long. */
  readonly isSlow: boolean;
  /** Whether a row can hold a text that has to be read byte by byte. */
  readonly takesText: boolean;
  /** Rows that wait for it now. */
  readonly waitingRows: number;
  /**
   * Answers rows that fit the signature, in their order.
   *
   * @throws {ExplainedError} `preprocessing/bad-rows`, `serving/overloaded`, `serving/too-late`, `serving/closed`,
   * `serving/bad-output`.
   */
  predict(rows: readonly ModelRow[], signal?: AbortSignal): Promise<readonly Answer[]>;
  /**
   * Answers a few rows at once, when the model is so small that to wait for others would take longer; `undefined` when it
   * is not, or a row is not plain enough, and `predict` is to be asked.
   *
   * @throws {ExplainedError} `serving/bad-output`.
   */
  predictNow?(rows: readonly ModelRow[]): readonly Answer[] | undefined;
}

/** How a model is to be served. */
export interface LoadOptions {
  readonly limits?: BatchLimits;
  readonly onBatch?: (batch: BatchFacts) => void;
  /** Whether nobody else waits: many rows at once then have all cores for themselves. @default false */
  readonly isAlone?: boolean;
}

/** More rows are quicker together with those of others, and would hold up everybody else. */
const MOST_NOW = 16;

/** Enough for a busy server without letting anybody wait for minutes. */
export const SERVING_LIMITS: BatchLimits = {
  batchRows: 1024,
  queuedRows: 8192,
  deadlineMs: 30_000,
};

/**
 * Loads a model version and tries it on its own input example, which also warms it up.
 *
 * @throws {ExplainedError} When a file is missing or damaged, or the model does not answer its example.
 */
export async function loadModel(
  files: ModelFiles,
  ports: ServingPorts,
  { limits = SERVING_LIMITS, onBatch, isAlone = false }: LoadOptions = {},
): Promise<LoadedModel> {
  const [signature, fitted, example] = await Promise.all([
    files.readJson(MODEL_FILES.signature).then(parseSignature),
    files.readJson(MODEL_FILES.preprocessing),
    readExample(files),
  ]);
  const rows = exampleRows(signature, example);
  const preprocessing = fitted as unknown as FittedPreprocessing;
  const inputs = signature.inputs.map(({ name }) => name);
  const onnx = await files.read(MODEL_FILES.model);
  const externalData = await ports.engine.readExternalData(onnx, (path) => files.read(path));
  const parts = { preprocessing, inputs, model: onnx, externalData };
  const { runner, batchRows, isSlow } = await chooseRunner(parts, ports, { rows, limits });
  const lengthOf = textLength(signature, preprocessing, ports);
  const model = new Model(signature, rows, { runner, isSlow, isAlone, lengthOf }, {
    ...limits,
    batchRows: isEncoder(signature) ? Math.min(batchRows, ENCODER_ROWS) : batchRows,
    ...(onBatch === undefined ? {} : { onBatch }),
  });
  try {
    if (rows.length > 0) {
      await model.predict(rows);
      model.predictNow(rows);
    }
  } catch (error) {
    await model[Symbol.asyncDispose]();
    throw error;
  }
  return model;
}

/** Rows that an encoder takes at once: each takes some megabytes. */
const ENCODER_ROWS = 64;

function isEncoder({ tensors }: ModelSignature): boolean {
  return tensors.inputs.some(({ name }) => name === "attention_mask");
}

class Model implements LoadedModel {
  readonly signature: ModelSignature;
  readonly inputExample: readonly InputRow[];
  readonly isSlow: boolean;
  readonly takesText: boolean;
  readonly #runner: RowRunner;
  readonly #isAlone: boolean;
  readonly #batchRows: number;
  readonly #queue: BatchQueue<ModelRow, Answer>;
  /** Requests of more rows than a batch takes, which are under way. */
  readonly #many = new Set<Promise<readonly Answer[]>>();
  /** Of texts. */
  readonly #lengthOf: ((row: ModelRow) => number) | undefined;
  readonly #onBatch: ((batch: BatchFacts) => void) | undefined;
  #isOpen = true;

  constructor(
    signature: ModelSignature,
    inputExample: readonly InputRow[],
    { runner, isSlow, isAlone, lengthOf }: {
      readonly runner: RowRunner;
      readonly isSlow: boolean;
      readonly isAlone: boolean;
      readonly lengthOf: ((row: ModelRow) => number) | undefined;
    },
    options: Omit<BatchQueueOptions<ModelRow, Answer>, "run" | "lengthOf">,
  ) {
    this.signature = signature;
    this.inputExample = inputExample;
    this.isSlow = isSlow;
    this.takesText = signature.inputs.some(({ name, type }) =>
      type === "string" || name.includes("\ufffd")
    );
    this.#runner = runner;
    this.#isAlone = isAlone;
    this.#batchRows = options.batchRows;
    this.#lengthOf = lengthOf;
    this.#onBatch = options.onBatch;
    this.#queue = openBatchQueue({
      ...options,
      run: async (rows) => answersOf(signature.labels, await runner.run(rows)),
      // A batch is as long as its longest text.
      ...(lengthOf === undefined ? {} : { lengthOf }),
    });
  }

  get waitingRows(): number {
    return this.#queue.waitingRows;
  }

  predict(rows: readonly ModelRow[], signal?: AbortSignal): Promise<readonly Answer[]> {
    if (rows.length <= this.#batchRows) return this.#queue.run(rows, signal);
    const answers = this.#predictInParts(rows, signal);
    this.#many.add(answers);
    return answers.finally(() => this.#many.delete(answers));
  }

  predictNow(rows: readonly ModelRow[]): readonly Answer[] | undefined {
    const most = Math.min(MOST_NOW, this.#batchRows);
    if (this.#runner.runRow === undefined || rows.length > most || !this.#isOpen) return undefined;
    const start = Date.now();
    const answers: Answer[] = [];
    for (const row of rows) {
      const probabilities = this.#runner.runRow(row);
      if (probabilities?.length !== this.signature.labels.length) return undefined;
      answers.push(answerOf(this.signature.labels, probabilities, answers.length));
    }
    const computeMs = Date.now() - start;
    this.#onBatch?.({ rows: rows.length, requests: 1, waitedMs: 0, computeMs });
    return answers;
  }

  async #predictInParts(
    rows: readonly ModelRow[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Answer[]> {
    const order = this.#orderByLength(rows);
    const parts: (readonly number[])[] = [];
    for (let first = 0; first < order.length; first += this.#batchRows) {
      parts.push(order.slice(first, first + this.#batchRows));
    }
    const answers = new Array<Answer>(rows.length);
    let next = 0;
    for await (const part of this.#answerParts(parts, rows, signal)) {
      parts[next++]!.forEach((place, i) => answers[place] = part[i]!);
    }
    return answers;
  }

  /** Answers of parts of the rows, in the order of the parts. */
  async *#answerParts(
    parts: readonly (readonly number[])[],
    rows: readonly ModelRow[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<readonly Answer[], void, undefined> {
    const rowsOf = (places: readonly number[]) => places.map((place) => rows[place]!);
    const { runMany } = this.#runner;
    if (!this.#isAlone || runMany === undefined) {
      // One part after the other, so that other requests come in between.
      for (const places of parts) yield await this.#queue.run(rowsOf(places), signal);
      return;
    }
    const lists = async function* () {
      for (const places of parts) yield await Promise.resolve(rowsOf(places));
    };
    for await (const outputs of runMany(lists())) {
      signal?.throwIfAborted();
      yield answersOf(this.signature.labels, outputs);
    }
  }

  /** Places of the rows; of texts the short ones first, so that a tensor as long as its longest is hardly empty. */
  #orderByLength(rows: readonly ModelRow[]): readonly number[] {
    const places = rows.map((_, place) => place);
    const lengthOf = this.#lengthOf;
    if (lengthOf === undefined) return places;
    const lengths = rows.map((row) => lengthOf(row));
    return places.sort((a, b) => lengths[a]! - lengths[b]!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    if (this.#isAlone) await Promise.allSettled(this.#many);
    await this.#queue[Symbol.asyncDispose]();
    await this.#runner[Symbol.asyncDispose]();
  }
}

/** Characters that count as a token where nothing is cut into tokens. */
const TOKEN_CHARACTERS = 6;

/** How long a row is whose only value is a text, in tokens; `undefined` for models of anything else. */
function textLength(
  signature: ModelSignature,
  fitted: FittedPreprocessing,
  { preprocessing }: Pick<ServingPorts, "preprocessing">,
): ((row: ModelRow) => number) | undefined {
  const name = textInput(signature);
  if (name === undefined) return undefined;
  const hasTokens = fitted.features.some((feature) => feature.as === "tokens");
  const { countTokens = (text: string) => text.length / TOKEN_CHARACTERS } = hasTokens
    ? preprocessing.open(fitted)
    : {};
  return (row) => countTokens(String(Array.isArray(row) ? row[0] : (row as InputRow)[name]));
}

/** @throws {ExplainedError} `serving/bad-example`. */
function exampleRows(signature: ModelSignature, example: unknown): readonly InputRow[] {
  if (example === undefined) return [];
  const checked = checkInput(signature, example);
  if (!checked.ok) throw refusedExample(checked.problems[0]!);
  return checked.rows;
}

/** A folder without an example can still be served; one with a damaged example cannot. */
async function readExample(files: ModelFiles): Promise<unknown> {
  try {
    return await files.readJson(MODEL_FILES.inputExample);
  } catch (error) {
    if (error instanceof ExplainedError && error.code === "artifact/missing-file") return undefined;
    throw error;
  }
}

function refusedExample(problem: string): ExplainedError {
  return new ExplainedError("serving/bad-example", {
    what: "Cannot try the model on its own input example",
    why: problem,
    fix: "Register the model again: its signature.json and input_example.json do not fit together",
  });
}
