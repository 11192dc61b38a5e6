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
} from "../../pipeline/mod.ts";
import { type BatchLimits, type BatchQueue, openBatchQueue } from "./batching.ts";
import { checkInput, type InputRow } from "./check_input.ts";
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

class Model implements LoadedModel {
  readonly signature: ModelSignature;
  inputExample: readonly InputRow[] = [];
  readonly #preprocessor: Preprocessor;
  readonly #session: InferenceSession;
  readonly #queue: BatchQueue;

  constructor(
    signature: ModelSignature,
    preprocessor: Preprocessor,
    session: InferenceSession,
    limits: BatchLimits,
  ) {
    this.signature = signature;
    this.#preprocessor = preprocessor;
    this.#session = session;
    this.#queue = openBatchQueue((inputs) => session.run(inputs), limits);
  }

  async predict(rows: readonly InputRow[], signal?: AbortSignal): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let first = 0; first < rows.length; first += ENCODED_ROWS) {
      const part = rows.slice(first, first + ENCODED_ROWS);
      const inputs = this.#preprocessor.encode(part, { firstRow: first });
      const outputs = await this.#queue.run(inputs, part.length, signal);
      for (const answer of answersOf(this.signature.labels, outputs)) answers.push(answer);
    }
    return answers;
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
