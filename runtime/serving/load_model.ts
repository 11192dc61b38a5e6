import {
  type EnginePort,
  ExplainedError,
  type FittedPreprocessing,
  type FolderHandle,
  type InferenceSession,
  MODEL_FILES,
  type ModelSignature,
  type PreprocessingPort,
  type Preprocessor,
  type Tensor,
} from "../../pipeline/mod.ts";
import { type BatchLimits, type BatchQueue, openBatchQueue } from "./batching.ts";
import { checkInput, type InputRow, textInput } from "./check_input.ts";
import { parseSignature } from "./parse_signature.ts";
import { type Answer, answersOf } from "./predict.ts";

/** Files of a model version, wherever they are. */
export type ModelFiles = Pick<FolderHandle, "read" | "readJson">;

/** What a model needs to answer. */
export interface ServingPorts {
  readonly engine: Pick<EnginePort, "openInference">;
  readonly preprocessing: Pick<PreprocessingPort, "open">;
}

/** A model that answers. Disposing it waits for the requests it has taken. */
export interface LoadedModel extends AsyncDisposable {
  readonly signature: ModelSignature;
  /** Rows that came with the model, to try it on; empty when it has none. */
  readonly inputExample: readonly InputRow[];
  /**
   * Answers rows that fit the signature, in their order.
   *
   * @throws {ExplainedError} `preprocessing/bad-rows`, `serving/overloaded`, `serving/closed`, `serving/bad-output`.
   */
  predict(rows: readonly InputRow[], signal?: AbortSignal): Promise<Answer[]>;
}

/** Enough for a busy server without letting anybody wait for minutes. */
const LIMITS: BatchLimits = { batchRows: 1024, queuedRows: 8192 };

/**
 * Loads a model version and tries it on its own input example, which also warms it up.
 *
 * @throws {ExplainedError} When a file is missing or damaged, or the model does not answer its example.
 */
export async function loadModel(
  files: ModelFiles,
  ports: ServingPorts,
  limits: BatchLimits = LIMITS,
): Promise<LoadedModel> {
  const [signature, fitted, example] = await Promise.all([
    files.readJson(MODEL_FILES.signature).then(parseSignature),
    files.readJson(MODEL_FILES.preprocessing),
    readExample(files),
  ]);
  // `open` checks that the preprocessing is of the right form.
  const preprocessor = ports.preprocessing.open(fitted as unknown as FittedPreprocessing);
  const session = await ports.engine.openInference(await files.read(MODEL_FILES.model));
  const model = new Model(signature, preprocessor, session, limits);
  try {
    await model.tryOn(example);
  } catch (error) {
    await model[Symbol.asyncDispose]();
    throw error;
  }
  return model;
}

/** Rows that are encoded at once: tensors of a million rows would fill the memory. */
const ENCODED_ROWS = 1024;

/** Those of an encoder, which takes some megabytes for each. */
const ENCODER_ROWS = 64;

class Model implements LoadedModel {
  readonly signature: ModelSignature;
  inputExample: readonly InputRow[] = [];
  readonly #preprocessor: Preprocessor;
  readonly #session: InferenceSession;
  readonly #queue: BatchQueue;
  readonly #encodedRows: number;

  constructor(
    signature: ModelSignature,
    preprocessor: Preprocessor,
    session: InferenceSession,
    limits: BatchLimits,
  ) {
    this.signature = signature;
    this.#preprocessor = preprocessor;
    this.#session = session;
    const isEncoder = signature.tensors.inputs.some(({ name }) => name === "attention_mask");
    this.#encodedRows = isEncoder ? ENCODER_ROWS : ENCODED_ROWS;
    const batchRows = Math.min(limits.batchRows, this.#encodedRows);
    this.#queue = openBatchQueue((inputs) => session.run(inputs), { ...limits, batchRows });
  }

  async predict(rows: readonly InputRow[], signal?: AbortSignal): Promise<Answer[]> {
    if (rows.length <= this.#encodedRows) {
      return await this.#run(this.#preprocessor.encode(rows), rows.length, signal);
    }
    const order = this.#orderByLength(rows);
    const answers = new Array<Answer>(rows.length);
    const keep = (places: readonly number[], part: readonly Answer[]): void =>
      places.forEach((place, i) => answers[place] = part[i]!);
    let running = Promise.resolve();
    try {
      for (let first = 0; first < order.length; first += this.#encodedRows) {
        const places = order.slice(first, first + this.#encodedRows);
        // While the model works on one part, the next one is encoded.
        const inputs = this.#preprocessor.encode(places.map((place) => rows[place]!));
        await running;
        running = this.#run(inputs, places.length, signal).then((part) => keep(places, part));
      }
    } finally {
      await running;
    }
    return answers;
  }

  async #run(
    inputs: Readonly<Record<string, Tensor>>,
    rows: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer[]> {
    return answersOf(this.signature.labels, await this.#queue.run(inputs, rows, signal));
  }

  /** Places of the rows; of texts the short ones first, so that a tensor as long as its longest is hardly empty. */
  #orderByLength(rows: readonly InputRow[]): readonly number[] {
    const places = rows.map((_, place) => place);
    const text = textInput(this.signature);
    if (text === undefined) return places;
    const lengths = rows.map((row) => String(row[text]).length);
    return places.sort((a, b) => lengths[a]! - lengths[b]!);
  }

  async tryOn(example: unknown): Promise<void> {
    if (example === undefined) return;
    const checked = checkInput(this.signature, example);
    if (!checked.ok) throw refusedExample(checked.problems[0]!);
    this.inputExample = checked.rows;
    await this.predict(checked.rows);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue[Symbol.asyncDispose]();
    await this.#session[Symbol.asyncDispose]();
  }
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
