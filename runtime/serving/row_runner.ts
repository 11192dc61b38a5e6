import type {
  ExternalData,
  FittedPreprocessing,
  InferenceSession,
  Preprocessor,
  Row,
  RowList,
  Tensor,
} from "../../pipeline/mod.ts";
import type { InputRow } from "./check_input.ts";
import type { ServingPorts } from "./load_model.ts";
import { PROBABILITIES } from "./predict.ts";
import type { ListRow } from "./quick_rows.ts";

/** A row that fits the signature: values by name, or in the signature's order. */
export type ModelRow = InputRow | ListRow;

/** Runs a model on rows that fit its signature. Disposing it releases the model. */
export interface RowRunner extends AsyncDisposable {
  /**
   * The model's outputs, the first axis of each as long as there are rows.
   *
   * @throws {ExplainedError} `preprocessing/bad-rows`, or that the model fails.
   */
  run(rows: readonly ModelRow[]): Promise<Readonly<Record<string, Tensor>>>;
  /**
   * The probabilities of one row, at once, where the model is very small; the next run writes over them. A row that is not
   * as plain as it could be is left to `run`: `undefined`.
   */
  runRow?(row: ModelRow): Float32Array | undefined;
  /** The same for many lists, which are encoded on all cores: for a program that waits for all of them. */
  runMany?(
    lists: AsyncIterable<readonly ModelRow[]>,
  ): AsyncIterable<Readonly<Record<string, Tensor>>>;
}

/** What a runner is made of: the files of a model version, and the names of its inputs. */
export interface RunnerParts {
  readonly preprocessing: FittedPreprocessing;
  readonly model: Uint8Array<ArrayBuffer>;
  /** Files beside the model. @default it has none */
  readonly externalData?: ExternalData;
  /** In the signature's order. */
  readonly inputs: readonly string[];
}

/**
 * Opens a model in this thread.
 *
 * @throws {ExplainedError} When one of the files is damaged.
 */
export async function openRowRunner(
  { preprocessing: fitted, model, externalData, inputs }: RunnerParts,
  { engine, preprocessing }: Pick<ServingPorts, "engine" | "preprocessing">,
): Promise<RowRunner> {
  // `open` checks that the preprocessing is of the right form.
  const preprocessor = preprocessing.open(fitted);
  const encode = rowEncoder(preprocessor, inputs);
  const session: InferenceSession = await engine.openInference(model, externalData);
  // What nobody reads need not be copied out of the engine.
  const wanted = session.outputs.some(({ name }) => name === PROBABILITIES)
    ? [PROBABILITIES]
    : undefined;
  return {
    run: (rows) => Promise.try(() => session.run(encode(rows), wanted)),
    ...rowRunner(preprocessor, session, inputs),
    async *runMany(lists) {
      const byName = async function* (): AsyncGenerator<RowList> {
        for await (const rows of lists) {
          yield { rows: rows.map((row) => isList(row) ? named(row, inputs) : row) as Row[] };
        }
      };
      for await (const [, tensors] of preprocessing.encodeMany(preprocessor, byName())) {
        yield await session.run(tensors, wanted);
      }
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

function rowRunner(
  preprocessor: Preprocessor,
  session: InferenceSession,
  inputs: readonly string[],
): Pick<RowRunner, "runRow"> {
  const small = session.openRow?.(PROBABILITIES);
  const write = preprocessor.openRow?.(inputs);
  if (small === undefined || write === undefined) return {};
  return {
    runRow(row) {
      const values = isList(row) ? row : inputs.map((name) => row[name]);
      return write(values, small.input) ? small.run() : undefined;
    },
  };
}

function rowEncoder(
  preprocessor: Preprocessor,
  inputs: readonly string[],
): (rows: readonly ModelRow[]) => Record<string, Tensor> {
  const encodeLists = preprocessor.openLists?.(inputs);
  return (rows) => {
    const quick = encodeLists !== undefined && rows.every(isList) ? encodeLists(rows) : undefined;
    return quick ?? preprocessor.encode(rows.map((row) => isList(row) ? named(row, inputs) : row));
  };
}

function isList(row: ModelRow): row is ListRow {
  return Array.isArray(row);
}

function named(row: ListRow, inputs: readonly string[]): InputRow {
  return Object.fromEntries(inputs.map((name, place) => [name, row[place]!]));
}
