/** A multi-layer perceptron: `Gemm → activation → dropout` for each hidden layer, then `Gemm` to the logits. */
export interface MlpArchitecture {
  readonly kind: "mlp";
  /** Units of each hidden layer, from the input on; none makes multinomial logistic regression. */
  readonly hidden: readonly number[];
  /** @default "relu" */
  readonly activation?: "relu" | "tanh" | "gelu";
}

/** A model the engine can build, as data. */
export type Architecture = MlpArchitecture;
