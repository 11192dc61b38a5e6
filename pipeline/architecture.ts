/** A multi-layer perceptron: `Gemm → activation → dropout` for each hidden layer, then `Gemm` to the logits. */
export interface MlpArchitecture {
  readonly kind: "mlp";
  /** Units of each hidden layer, from the input on; none makes multinomial logistic regression. */
  readonly hidden: readonly number[];
  /** @default "relu" */
  readonly activation?: "relu" | "tanh" | "gelu";
  /** Share of the hidden values that training leaves out at random, 0 to 1. @default 0 */
  readonly dropout?: number;
}

/** A model the engine can build, as data. */
export type Architecture = MlpArchitecture;
