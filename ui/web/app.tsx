/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { Hono } from "hono";
import {
  answerError,
  factsRoutes,
  healthRoutes,
  openApiRoutes,
  predictRoutes,
  RequestError,
  scoringRoutes,
  type ServerContext,
} from "../api/mod.ts";
import { mlflowApi } from "../mlflow/mod.ts";
import { assetRoutes } from "./assets.ts";
import { securityHeaders } from "./guard.ts";
import { pageRoutes } from "./page_routes.tsx";
import { ErrorPage } from "./pages/message.tsx";

/** The whole server as one function of a request. */
export function createApp(context: ServerContext): Hono {
  const app = new Hono();
  // Predictions come first and admit requests themselves: every layer around them costs more time than a small model.
  app.route("/", predictRoutes(context));
  app.route("/", scoringRoutes(context));
  app.use((c, next) => {
    context.admit(c.req.raw);
    return next();
  });
  app.use(mlflowApi(context));
  app.use(securityHeaders());
  app.route("/", healthRoutes(context));
  app.route("/", factsRoutes(context));
  app.route("/", openApiRoutes(context));
  app.route("/", assetRoutes());
  app.route("/", pageRoutes(context));
  app.notFound((c) => showError(c, context, unknownPage(c.req.path)));
  app.onError((error, c) => showError(c, context, error));
  return app;
}

/** An error as JSON for programs, and as a page for people. */
async function showError(
  c: Context,
  { log }: ServerContext,
  error: unknown,
): Promise<Response> {
  const { method, path } = c.req;
  const { status, headers, error: facts } = answerError(error, { method, path, log });
  const isPage = method === "GET" && !path.startsWith("/api/") &&
    (c.req.header("accept") ?? "").includes("text/html");
  if (!isPage) return c.json({ error: facts }, status, headers);
  return c.html(
    `<!doctype html>${await <ErrorPage status={status} error={facts} />}`,
    status,
    headers,
  );
}

function unknownPage(path: string): RequestError {
  return new RequestError(404, {
    code: "server/unknown-path",
    what: "Cannot find this page",
    why: `there is nothing at ${path}`,
    fix: "Start at /, or see /runs and /models",
  });
}
