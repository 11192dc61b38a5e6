import type { ModelSignature } from "../../pipeline/mod.ts";
import { renderTarget, type ServingTarget } from "../../runtime/serving/mod.ts";
import { predictPath } from "../api/mod.ts";

/** A row and the model it is for. */
export interface RowRequest {
  readonly target: ServingTarget;
  readonly signature: ModelSignature;
  readonly row: Readonly<Record<string, unknown>>;
}

/** A command for a shell that asks for a prediction. */
export function curlCommand(origin: string, request: RowRequest): string {
  const body = JSON.stringify({ rows: [writeRow(request)] }).replaceAll("'", `'\\''`);
  return `curl ${origin}${predictPath(request.target)} \\\n` +
    `  -H 'content-type: application/json' \\\n  -d '${body}'`;
}

/** A program that loads the model itself. */
export function typeScriptCode(request: RowRequest): string {
  return `import { loadPredictor } from "hanok";

await using model = await loadPredictor(${JSON.stringify(renderTarget(request.target))});
const [answer] = await model.predict([${JSON.stringify(writeRow(request))}]);`;
}

/** A picture by place, everything else by name. */
function writeRow({ signature, row }: RowRequest): unknown {
  return signature.form === undefined ? row : signature.inputs.map(({ name }) => row[name] ?? 0);
}
