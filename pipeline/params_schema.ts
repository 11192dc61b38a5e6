/**
 * A schema for params or config: the part of Standard Schema v1 that the framework uses.
 * Every zod schema is one.
 *
 * @see https://standardschema.dev
 */
export interface ParamsSchema<Given, Params> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => SchemaResult<Params> | Promise<SchemaResult<Params>>;
    readonly types?:
      | { readonly input: Given; readonly output: Params }
      | undefined;
  };
}

/** What a schema found. */
export type SchemaResult<Params> =
  | { readonly value: Params; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?:
    | readonly (PropertyKey | { readonly key: PropertyKey })[]
    | undefined;
}

/** `a.b.0` for an issue, or "" for the whole value. */
export function issuePath(issue: SchemaIssue): string {
  return (issue.path ?? [])
    .map((part) => String(typeof part === "object" ? part.key : part))
    .join(".");
}

/**
 * Checks a value against a schema.
 *
 * @throws {TypeError} If the schema answers with a promise: params are checked before anything runs.
 */
export function checkParams<Given, Params>(
  schema: ParamsSchema<Given, Params>,
  value: unknown,
): SchemaResult<Params> {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) {
    throw new TypeError("A params schema must be synchronous");
  }
  return result;
}
