/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { Hono } from "hono";
import {
  answerError,
  driftRoutes,
  factsRoutes,
  healthRoutes,
  liveRoutes,
  metricsRoutes,
  modelActionRoutes,
  openApiRoutes,
  pipelineRoutes,
  predictRoutes,
  RequestError,
  requestId,
  rerunRoutes,
  scoringRoutes,
  type ServerContext,
  setCaller,
  stopRoutes,
  trafficRoutes,
} from "../api/mod.ts";
import { mlflowApi, mlflowRefusal } from "../mlflow/mod.ts";
import type { Access } from "./access.ts";
import { assetRoutes } from "./assets.ts";
import { securityHeaders } from "./guard.ts";
import { modelFormRoutes } from "./model_form_routes.ts";
import { loginRoutes } from "./login_routes.tsx";
import { pageRoutes } from "./page_routes.tsx";
import { pipelinePageRoutes } from "./pipeline_page_routes.tsx";
import { ErrorPage } from "./pages/message.tsx";
import { renderFor } from "./render_for.tsx";
import { refuseOtherSites } from "./same_site.ts";

/** The whole server as one function of a request. */
export function createApp(context: ServerContext, access: Access): Hono {
  const app = new Hono();
  // Predictions come first and admit requests themselves: every layer around them costs more time than a small model.
  app.route("/", predictRoutes(context));
  app.route("/", scoringRoutes(context));
  app.use(securityHeaders());
  app.use(async (c, next) => {
    const request = c.req.raw;
    setCaller(request, await context.admit(request));
    refuseOtherSites(request);
    await next();
  });
  if (access.isGuarded) app.route("/", loginRoutes(access));
  app.use(mlflowApi(context));
  app.route("/", healthRoutes(context));
  app.route("/", metricsRoutes(context));
  app.route("/", factsRoutes(context));
  app.route("/", modelActionRoutes(context));
  app.route("/", trafficRoutes(context));
  app.route("/", driftRoutes(context));
  app.route("/", liveRoutes(context));
  app.route("/", rerunRoutes(context));
  app.route("/", stopRoutes(context));
  app.route("/", pipelineRoutes(context));
  app.route("/", openApiRoutes(context));
  app.route("/", assetRoutes());
  app.route("/", modelFormRoutes(context));
  app.route("/", pipelinePageRoutes(context));
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
  const { status, headers, error: facts } = answerError(error, {
    id: requestId(c.req.raw),
    method,
    path,
    log,
  });
  const refusal = mlflowRefusal(path, status, facts);
  if (refusal !== undefined) return c.json(refusal, status, headers);
  // Browsers ask for HTML, also when they send a form.
  const isPage = !path.startsWith("/api/") && (c.req.header("accept") ?? "").includes("text/html");
  const { pathname, search } = new URL(c.req.url);
  const page = method === "GET" ? pathname + search : pageOfForm(pathname);
  if (isPage && status === 401) return c.redirect(`/login?next=${encodeURIComponent(page)}`, 303);
  if (!isPage) return c.json({ error: facts }, status, headers);
  const back = method === "GET" ? undefined : page;
  return c.html(
    `<!doctype html>${await renderFor(
      c,
      <ErrorPage status={status} error={facts} back={back} section={sectionOf(pathname)} />,
    )}`,
    status,
    headers,
  );
}

/** The list that leads to what an address is about; the list itself has no other. */
function sectionOf(path: string): "runs" | "models" | undefined {
  const [, section] = /^\/(runs|models)\/./.exec(path) ?? [];
  return section as "runs" | "models" | undefined;
}

/** A form is sent to a path below its page: `/models/iris/decide`. */
function pageOfForm(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function unknownPage(path: string): RequestError {
  return new RequestError(404, {
    code: "server/unknown-path",
    what: "Cannot find this page",
    why: `there is nothing at ${path}`,
    fix: "Start at /, or see /runs and /models",
  });
}
