import type {
  FittedPreprocessing,
  InferenceSession,
  Preprocessor,
  Tensor,
} from "../../pipeline/mod.ts";
import type { InputRow } from "./check_input.ts";
import type { ServingPorts } from "./load_model.ts";

/** Runs a model on rows that fit its signature. Disposing it releases the model. */
export interface RowRunner extends AsyncDisposable {
  /**
   * The model's outputs, the first axis of each as long as there are rows.
   *
   * @throws {ExplainedError} `preprocessing/bad-rows`, or that the model fails.
   */
  run(rows: readonly InputRow[]): Promise<Readonly<Record<string, Tensor>>>;
}

/** What a runner is made of: two files of a model version. */
export interface RunnerParts {
  readonly preprocessing: FittedPreprocessing;
  readonly model: Uint8Array<ArrayBuffer>;
}

/**
 * Opens a model in this thread.
 *
 * @throws {ExplainedError} When one of the files is damaged.
 */
export async function openRowRunner(
  { preprocessing, model }: RunnerParts,
  ports: Pick<ServingPorts, "engine" | "preprocessing">,
): Promise<RowRunner> {
  // `open` checks that the preprocessing is of the right form.
  const preprocessor: Preprocessor = ports.preprocessing.open(preprocessing);
  const session: InferenceSession = await ports.engine.openInference(model);
  return {
    run: async (rows) => await session.run(preprocessor.encode(rows)),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
