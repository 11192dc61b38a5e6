/** How MLflow's protocol names what went wrong. */
export type MlflowErrorCode =
  | "BAD_REQUEST"
  | "INVALID_PARAMETER_VALUE"
  | "RESOURCE_ALREADY_EXISTS"
  | "RESOURCE_DOES_NOT_EXIST"
  | "NOT_FOUND"
  | "PERMISSION_DENIED"
  | "NOT_IMPLEMENTED"
  | "INVALID_STATE"
  | "INTERNAL_ERROR";

/** An error that MLflow's clients know: they look at its code, and some at the text, which is MLflow's own. */
export class MlflowError extends Error {
  override readonly name = "MlflowError";
  readonly code: MlflowErrorCode;

  constructor(code: MlflowErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A value that the protocol does not take. */
export function invalid(message: string): MlflowError {
  return new MlflowError("INVALID_PARAMETER_VALUE", message);
}

/** Something that is not there. */
export function missing(message: string): MlflowError {
  return new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
}

/** MLflow's words for a refused value. */
export function invalidValue(path: string, value: unknown, hint?: string): MlflowError {
  const text = `Invalid value ${JSON.stringify(value)} for parameter '${path}' supplied`;
  return invalid(hint === undefined ? `${text}.` : `${text}: ${hint}`);
}
