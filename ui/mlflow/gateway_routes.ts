import { invalid, MlflowError } from "../../runtime/search/mod.ts";
import { parseBody, readBody } from "./read_request.ts";
import type { Handler, Routes } from "./route.ts";
import { safePath } from "./safe_path.ts";

/** How long a deployments server may take, in milliseconds: language models answer slowly. */
const PATIENCE_MS = 60_000;

/** Hands a request on to the deployments server; without one, there are no endpoints. */
const handOn: Handler = async ({ request, url }, { deploymentsTarget }) => {
  if (deploymentsTarget === undefined) return { endpoints: [] };
  const asked = request.method === "GET"
    ? Object.fromEntries(url.searchParams)
    : parseBody(await readBody(request));
  const { gateway_path: path, json_data: data } = asked;
  if (typeof path !== "string" || path === "") {
    throw invalid("Deployments proxy request must specify a gateway_path.");
  }
  safePath(path);
  return await ask(`${deploymentsTarget}/${path}`, request.method, data);
};

/** `gateway-proxy`: what MLflow's pages ask a deployments server through this one. */
export const gatewayRoutes: Routes = {
  "GET gateway-proxy": handOn,
  "POST gateway-proxy": handOn,
};

async function ask(address: string, method: string, data: unknown): Promise<object> {
  const body = method === "GET" || data === undefined ? {} : {
    body: JSON.stringify(data),
    headers: { "content-type": "application/json" },
  };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(address, { method, ...body, signal }).catch((error: Error) => {
    throw failed(`There is no answer from ${address}: ${error.message}`);
  });
  const text = await response.text();
  if (response.status !== 200) throw failed(`Error code ${response.status}: ${text}`);
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null) return answer;
  } catch {
    // Told below.
  }
  throw failed(`The answer is no JSON object: ${text}`);
}

function failed(why: string): MlflowError {
  return new MlflowError("INTERNAL_ERROR", `Deployments proxy request failed. ${why}`);
}
