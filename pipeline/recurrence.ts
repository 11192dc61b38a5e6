/** Sizes of a recurrent part in training. */
export interface RecurrentSizes {
  /** Values of the state in each direction; a multiple of 4. */
  readonly width: number;
  /** Units of the layer above; a multiple of 4. */
  readonly hidden: number;
  readonly scores: number;
  /** Rows of the table of vectors. */
  readonly grams: number;
  /** Characters of the longest text. */
  readonly longest: number;
}

/** Weights of a recurrent part that are no vectors of n-grams. */
export interface RecurrentWeights {
  /** `[2, width]`: forward, then backward. */
  readonly gateScale: Float32Array<ArrayBuffer>;
  readonly gateShift: Float32Array<ArrayBuffer>;
  /** `[hidden, 6 width]` and `[hidden]`. */
  readonly hiddenWeights: Float32Array<ArrayBuffer>;
  readonly hiddenBias: Float32Array<ArrayBuffer>;
  /** `[scores, 6 width]`, `[scores, hidden]` and `[scores]`. */
  readonly directWeights: Float32Array<ArrayBuffer>;
  readonly outputWeights: Float32Array<ArrayBuffer>;
  readonly outputBias: Float32Array<ArrayBuffer>;
}

/**
 * The arithmetic of a recurrent part, forward and back, one text at a time. Its arrays are views of one memory: what is written
 * there counts from then on. All are 0 in the beginning.
 */
export interface Recurrence {
  /** `[grams, 2 width]`: values, then gates. Rows 0 and 1 must stay 0. */
  readonly vectors: Float32Array<ArrayBuffer>;
  /** By how much the vector of an n-gram is multiplied, `[grams]`. */
  readonly scales: Float32Array<ArrayBuffer>;
  /** Adagrad's sum of the mean squared gradients of each vector, `[grams]`; must not be 0. */
  readonly squares: Float32Array<ArrayBuffer>;
  readonly weights: RecurrentWeights;
  /** Of the loss; `backward` adds to them, `moveWeights` empties them. */
  readonly gradients: RecurrentWeights;
  /** Ids of the n-grams at each character of the text, `[longest, 3]`; 0 for none. */
  readonly ids: Int32Array<ArrayBuffer>;
  /** `[scores]`, after `forward`. */
  readonly scores: Float32Array<ArrayBuffer>;
  /** Gradients of the loss by the scores, `[scores]`: to be filled before `backward`. */
  readonly scoreGradients: Float32Array<ArrayBuffer>;
  /** Computes the scores of the text whose `ids` are filled. @param length Its characters, at least 1. */
  forward(length: number): void;
  /** Computes the gradients of the text that went forward last. */
  backward(length: number): void;
  /** Moves the vectors of the text that went backward last: Adagrad, with the mean square of a row in place of each number's own. */
  moveVectors(length: number, learningRate: number): void;
  /** Moves the other weights by Adam, and empties their gradients. @param texts How many these were summed over. */
  moveWeights(texts: number, learningRate: number): void;
}
