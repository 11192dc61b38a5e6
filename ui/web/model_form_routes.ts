import type { Context } from "hono";
import { Hono } from "hono";
import {
  actOnModel,
  getCaller,
  type ModelAction,
  pathNames,
  readText,
  readVersion,
  RequestError,
  type ServerContext,
} from "../api/mod.ts";
import { setSplit, type VersionShare } from "../../runtime/traffic/mod.ts";
import { modelPath } from "./paths.ts";

/** Forms of a model's page: what is decided there, each followed by the page as it then is. */
export function modelFormRoutes({ store }: ServerContext): Hono {
  return new Hono().post("/models/:name/decide", async (c) => {
    const name = pathNames(c.req.url)[1]!;
    const form = new URLSearchParams(await readText(c.req.raw, 10_000));
    const { user } = getCaller(c.req.raw);
    const act = { user, why: form.get("why") ?? "", at: Date.now() };
    const action = readAction(form);
    const { version } = await actOnModel(store, name, action, act);
    return backTo(c, name, `${action.action}:${version}`);
  }).post("/models/:name/split", async (c) => {
    const name = pathNames(c.req.url)[1]!;
    const form = new URLSearchParams(await readText(c.req.raw, 10_000));
    const { user } = getCaller(c.req.raw);
    const why = form.get("why") ?? "";
    await setSplit(store, { name, shares: readShares(form) }, { user, why, at: Date.now() });
    return backTo(c, name, "split:");
  });
}

/** The weights above 0; one version alone is no split but the end of one. */
function readShares(form: URLSearchParams): readonly VersionShare[] {
  const shares = [...form].flatMap(([field, text]) => {
    const version = /^weight\.(\d{1,9})$/.exec(field)?.[1];
    const weight = Number(text);
    return version === undefined || weight === 0 ? [] : [{ version: Number(version), weight }];
  });
  return shares.length === 1 ? [] : shares;
}

/** The model's page, with what was done on top. */
function backTo(c: Context, name: string, done: string): Response {
  return c.redirect(`${modelPath(name)}?done=${encodeURIComponent(done)}`, 303);
}

/** @throws {RequestError} 400 for what no form sends. */
function readAction(form: URLSearchParams): ModelAction {
  const action = form.get("action");
  if (action === "rollback") return { action };
  const version = readVersion(form.get("version"));
  if (action === "approve" || action === "reject" || action === "archive") {
    return { action, version };
  }
  if (action === "candidate") return { action: "set-alias", alias: "candidate", version };
  throw new RequestError(400, {
    code: "request/bad-decision",
    what: "Cannot decide about the model",
    why: `there is no decision "${action}"`,
    fix: "Choose approve, reject, archive, candidate or rollback",
  });
}
