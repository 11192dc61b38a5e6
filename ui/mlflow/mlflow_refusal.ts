/** MLflow's names for refusals that are none of its endpoints' own. */
const NAMES: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "ENDPOINT_NOT_FOUND",
  413: "BAD_REQUEST",
  429: "REQUEST_LIMIT_EXCEEDED",
  500: "INTERNAL_ERROR",
  503: "TEMPORARILY_UNAVAILABLE",
};

/** An error of the server around the protocol as MLflow's clients read it; `undefined` for other paths. */
export function mlflowRefusal(
  path: string,
  status: number,
  { what, why, fix }: { readonly what: string; readonly why: string; readonly fix: string },
): { readonly error_code: string; readonly message: string } | undefined {
  if (!/^\/(?:ajax-)?api\/[23]\.0\/mlflow/.test(path)) return undefined;
  return { error_code: NAMES[status] ?? "BAD_REQUEST", message: `${what}: ${why}. ${fix}` };
}
