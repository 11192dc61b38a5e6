/** One thing that can be asked, as a page tells it. */
export interface ApiOperation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** What may stand behind the `?` of the address. */
  readonly queries: readonly { readonly name: string; readonly description: string }[];
  /** Names of a row's inputs, where the model is known. */
  readonly fields: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The operations of an OpenAPI document, in its order. */
export function listOperations(document: Fields): readonly ApiOperation[] {
  return Object.entries(recordOf(document.paths)).flatMap(([path, methods]) =>
    Object.entries(recordOf(methods)).map(([method, operation]) => {
      const { summary, description, requestBody, parameters } = recordOf(operation);
      return {
        method,
        path,
        summary: textOf(summary),
        description: textOf(description),
        queries: queriesOf(parameters),
        fields: fieldsOf(requestBody),
      };
    })
  );
}

function queriesOf(parameters: unknown): ApiOperation["queries"] {
  return (Array.isArray(parameters) ? parameters : []).map(recordOf)
    .filter((parameter) => parameter.in === "query")
    .map(({ name, description }) => ({ name: textOf(name), description: textOf(description) }));
}

/** Names of the second form of a body: one row as an object. */
function fieldsOf(requestBody: unknown): readonly string[] {
  const { schema } = recordOf(recordOf(recordOf(requestBody).content)["application/json"]);
  const { anyOf } = recordOf(schema);
  return Array.isArray(anyOf) ? Object.keys(recordOf(recordOf(anyOf[1]).properties)) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function recordOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Fields
    : {};
}
