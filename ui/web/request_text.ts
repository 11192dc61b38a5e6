import type { ModelSignature } from "../../pipeline/mod.ts";
import { renderTarget, type ServingTarget } from "../../runtime/serving/mod.ts";
import { predictPath } from "../api/mod.ts";

/** A row and the model it is for. */
export interface RowRequest {
  readonly target: ServingTarget;
  readonly signature: ModelSignature;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Where a program finds the server. */
export interface ServerAddress {
  /** `http://127.0.0.1:8000` */
  readonly origin: string;
  /** Whether callers show a token: it is taken from the environment, never written out. */
  readonly needsToken: boolean;
}

/** A command for a shell that asks for a prediction. */
export function curlCommand({ origin, needsToken }: ServerAddress, request: RowRequest): string {
  const url = `${origin}${predictPath(request.target)}`;
  return [
    `curl ${/^[\w.:/%@[\]-]+$/.test(url) ? url : inQuotes(url)}`,
    ...(needsToken ? [`-H "authorization: Bearer $HANOK_TOKEN"`] : []),
    "-H 'content-type: application/json'",
    `-d ${inQuotes(bodyOf(request))}`,
  ].join(" \\\n  ");
}

/** A word for a shell in which nothing has a meaning of its own. */
function inQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A program in JavaScript that asks the server. */
export function javaScriptCode({ origin, needsToken }: ServerAddress, request: RowRequest): string {
  const url = JSON.stringify(`${origin}${predictPath(request.target)}`);
  const token = needsToken ? "\n    authorization: `Bearer ${process.env.HANOK_TOKEN}`," : "";
  return `const response = await fetch(${url}, {
  method: "POST",
  headers: {${token}
    "content-type": "application/json",
  },
  body: JSON.stringify(${bodyOf(request)}),
});
const { predictions } = await response.json();
console.log(predictions[0].label);`;
}

/** A program in Python that asks the server, without a package. */
export function pythonCode({ origin, needsToken }: ServerAddress, request: RowRequest): string {
  const url = JSON.stringify(`${origin}${predictPath(request.target)}`);
  const token = needsToken
    ? `\n        "authorization": "Bearer " + os.environ["HANOK_TOKEN"],`
    : "";
  return `import json${needsToken ? ", os" : ""}, urllib.request

request = urllib.request.Request(
    ${url},
    ${JSON.stringify(bodyOf(request))}.encode(),
    {${token}
        "content-type": "application/json",
    },
)
with urllib.request.urlopen(request) as response:
    print(json.load(response)["predictions"][0]["label"])`;
}

function bodyOf(request: RowRequest): string {
  return JSON.stringify({ rows: [writeRow(request)] });
}

/** A program that loads the model itself. */
export function typeScriptCode(request: RowRequest): string {
  return `import { loadPredictor } from "hanok";

await using model = await loadPredictor(${JSON.stringify(renderTarget(request.target))});
const [answer] = await model.predict([${JSON.stringify(writeRow(request))}]);
console.log(answer.label);`;
}

/** A picture by place, everything else by name. */
function writeRow({ signature, row }: RowRequest): unknown {
  return signature.form === undefined ? row : signature.inputs.map(({ name }) => row[name] ?? 0);
}
