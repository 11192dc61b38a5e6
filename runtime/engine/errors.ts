import { ExplainedError } from "../../pipeline/explained_error.ts";

/** Thrown when a graph holds an operator whose gradient is not known. */
export class MissingGradientError extends ExplainedError<"engine/missing-gradient"> {
  override readonly name = "MissingGradientError";
  /** The operator, as ONNX names it. */
  readonly operator: string;

  constructor(operator: string, node: string) {
    super("engine/missing-gradient", {
      what: `Cannot differentiate the operator "${operator}"`,
      why: node === ""
        ? "A weight is to be trained through it, and it has no gradient rule"
        : `A weight is to be trained through graph node "${node}", and it has no gradient rule`,
      fix:
        "Freeze the weights before it with `trainable`, or add a rule in runtime/engine/operators/",
    });
    this.operator = operator;
  }
}

/** Thrown when the loss of an iteration is NaN or infinite; the weights are as they were before it. */
export class NonFiniteLossError extends ExplainedError<"engine/non-finite-loss"> {
  override readonly name = "NonFiniteLossError";
  /** The iteration that was not done. */
  readonly iteration: number;

  constructor(iteration: number, why: string) {
    super("engine/non-finite-loss", {
      what: `Cannot do iteration ${iteration} of the training`,
      why,
      fix:
        "Lower the learning rate, scale the features, or look for NaN in the data; the weights are unchanged",
    });
    this.iteration = iteration;
  }
}
