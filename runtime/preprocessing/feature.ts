/**
 * Learns one feature from the training split, a value at a time.
 *
 * @typeParam Fitted What is kept in the model.
 */
export interface FeatureLearner<Fitted> extends Partial<Disposable> {
  /** @returns What was expected when the value is refused, else `null`. */
  learn(value: unknown): string | null;
  /** To be awaited after each value, when there is something to wait for. */
  rest?(): Promise<void> | undefined;
  /** Why nothing can be learned from the values seen, or `null`. */
  problem(): string | null;
  finish(): Fitted | Promise<Fitted>;
}

/** Writes one feature of one row into a feature vector. */
export interface FeatureEncoder {
  /** Numbers it writes. */
  readonly width: number;
  /**
   * Writes `width` numbers from `at` on; the array holds zeros there.
   *
   * @returns What was expected when the value is refused, else `null`.
   */
  encode(value: unknown, into: Float32Array, at: number): string | null;
}

/** Whether a value counts as missing. */
export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Whether a value is a number that float32 can hold: a larger one would become infinite in the tensor. */
export function isUsableNumber(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= FLOAT32_MAX;
}

/** Largest finite float32. */
export const FLOAT32_MAX = 3.4028234663852886e38;
