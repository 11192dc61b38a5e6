import type { MiddlewareHandler } from "hono";
import { invalid, MlflowError, type MlflowErrorCode } from "../../runtime/search/mod.ts";
import { ExplainedError } from "../../pipeline/mod.ts";
import { RequestError } from "../api/mod.ts";
import { artifactRoutes, pageRoutes } from "./artifact_routes.ts";
import { experimentRoutes } from "./experiment_routes.ts";
import { gatewayRoutes } from "./gateway_routes.ts";
import { loggedModelRoutes } from "./logged_model_routes.ts";
import { metricRoutes } from "./metric_routes.ts";
import { registryRoutes } from "./registry_routes.ts";
import type { Handler, MlflowContext, Routes } from "./route.ts";
import { runRoutes } from "./run_routes.ts";

const STATUS: Readonly<Record<MlflowErrorCode, number>> = {
  BAD_REQUEST: 400,
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_DOES_NOT_EXIST: 404,
  INTERNAL_ERROR: 500,
  INVALID_STATE: 500,
  NOT_IMPLEMENTED: 501,
};

const API: Routes = {
  ...experimentRoutes,
  ...runRoutes,
  ...metricRoutes,
  ...registryRoutes,
  ...loggedModelRoutes,
  ...artifactRoutes,
  ...gatewayRoutes,
};

/** Answers what MLflow's clients ask; other requests go on. */
export function mlflowApi(context: MlflowContext): MiddlewareHandler {
  const api = routesOf(API);
  const pages = routesOf(pageRoutes);
  return async (c, next) => {
    const path = pathOf(c.req.url);
    if (path === "/health" && c.req.method === "GET") return c.text("OK");
    const name = /^\/(?:ajax-)?api\/[23]\.0\/(mlflow(?:-artifacts)?\/.*)$/s.exec(path)?.[1];
    if (name !== undefined) {
      return await answer(c.req.raw, name.replace(/^mlflow\//, ""), api, context);
    }
    const page = path.replaceAll(/^\/+|\/+$/g, "");
    return pages.has(page) ? await answer(c.req.raw, page, pages, context) : await next();
  };
}

/** The path as the client sent it: a URL object would hide that it leads upward. */
function pathOf(url: string): string {
  const [, path = "/"] = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url) ?? [];
  return path;
}

type Table = ReadonlyMap<string, ReadonlyMap<string, Handler>>;

/** Endpoints by path, then by method. */
function routesOf(routes: Routes): Table {
  const table = new Map<string, Map<string, Handler>>();
  for (const [name, handler] of Object.entries(routes)) {
    const [method, path] = name.split(" ") as [string, string];
    const methods = table.get(path) ?? new Map<string, Handler>();
    table.set(path, methods.set(method, handler));
  }
  return table;
}

async function answer(
  request: Request,
  path: string,
  table: Table,
  context: MlflowContext,
): Promise<Response> {
  const { methods, rest } = match(path, table);
  if (methods === undefined) return page(404, "Not Found");
  const handler = methods.get(request.method);
  if (handler === undefined) {
    return page(405, "Method Not Allowed", { allow: [...methods.keys()].join(", ") });
  }
  try {
    const call = { request, url: new URL(request.url), rest: decode(rest) };
    const result = await handler(call, context);
    return result instanceof Response ? result : jsonAnswer(JSON.stringify(result), 200);
  } catch (error) {
    // The server's own refusals, as of a body too large, are told where all of them are.
    if (error instanceof RequestError) throw error;
    if (!(error instanceof MlflowError)) report(error, request, context);
    return errorAnswer(error);
  }
}

function report(error: unknown, request: Request, { log }: MlflowContext): void {
  log.write({
    type: "request-failed",
    id: crypto.randomUUID(),
    method: request.method,
    path: new URL(request.url).pathname,
    problem: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack ?? null : null,
  });
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalid("Invalid path");
  }
}

function match(
  path: string,
  table: Table,
): { readonly methods: ReadonlyMap<string, Handler> | undefined; readonly rest: string } {
  const methods = table.get(path);
  if (methods !== undefined) return { methods, rest: "" };
  for (const [pattern, found] of table) {
    if (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1))) {
      return { methods: found, rest: path.slice(pattern.length - 1) };
    }
  }
  return { methods: undefined, rest: "" };
}

/** An error as MLflow's clients read it. */
export function errorAnswer(error: unknown): Response {
  if (error instanceof MlflowError) {
    const body = JSON.stringify({ error_code: error.code, message: error.message });
    return jsonAnswer(body, STATUS[error.code]);
  }
  const message = error instanceof ExplainedError
    ? `${error.what}: ${error.why}. ${error.fix}`
    : "Something unexpected happened in the server";
  return jsonAnswer(JSON.stringify({ error_code: "INTERNAL_ERROR", message }), 500);
}

function jsonAnswer(body: string, status: number): Response {
  return new Response(body, { status, headers: { "content-type": "application/json" } });
}

function page(status: number, title: string, headers: Record<string, string> = {}): Response {
  const html = `<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n` +
    `<h1>${title}</h1>\n`;
  return new Response(html, {
    status,
    headers: { "content-type": "text/html; charset=utf-8", ...headers },
  });
}
