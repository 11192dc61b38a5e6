import type { Context } from "hono";
import { Hono } from "hono";
import { getCaller } from "./caller.ts";
import { RequestError } from "./error_answer.ts";
import { actOnModel, type ModelAction } from "./model_actions.ts";
import { pathNames } from "./path_names.ts";
import { readJsonBody } from "./read_json_body.ts";
import type { ServerContext } from "./server_context.ts";

/**
 * What a person decides about models, as JSON: `POST /api/models/:name/versions/:version/approve|reject|archive`,
 * `PUT` and `DELETE /api/models/:name/aliases/:alias`, `POST /api/models/:name/rollback`; each with `{ "why": "…" }`.
 */
export function modelActionRoutes({ store }: ServerContext): Hono {
  const answer = async (
    c: Context,
    read: (names: readonly string[], fields: Fields) => ModelAction,
  ): Promise<Response> => {
    const names = pathNames(c.req.url);
    const fields = await readFields(c.req.raw);
    const { user } = getCaller(c.req.raw);
    const act = { user, why: String(fields.why ?? ""), at: Date.now() };
    return c.json(await actOnModel(store, names[2]!, read(names, fields), act));
  };
  const decide = (action: "approve" | "reject" | "archive") => (c: Context) =>
    answer(c, (names) => ({ action, version: readVersion(names[4]) }));
  return new Hono()
    .post("/api/models/:name/versions/:version/approve", decide("approve"))
    .post("/api/models/:name/versions/:version/reject", decide("reject"))
    .post("/api/models/:name/versions/:version/archive", decide("archive"))
    .post("/api/models/:name/rollback", (c) => answer(c, () => ({ action: "rollback" })))
    .put("/api/models/:name/aliases/:alias", (c) =>
      answer(c, (names, { version }) => ({
        action: "set-alias",
        alias: names[4]!,
        version: readVersion(String(version)),
      })))
    .delete(
      "/api/models/:name/aliases/:alias",
      (c) => answer(c, (names) => ({ action: "delete-alias", alias: names[4]! })),
    );
}

type Fields = Readonly<Record<string, unknown>>;

async function readFields(request: Request): Promise<Fields> {
  const body = await readJsonBody(request);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Fields;
  throw new RequestError(400, {
    code: "request/bad-body",
    what: "Cannot read the request",
    why: "its body is no object",
    fix: 'Send { "why": "…" }',
  });
}

/**
 * A version's number as text.
 *
 * @throws {RequestError} 400.
 */
export function readVersion(text: string | null | undefined): number {
  if (text !== null && text !== undefined && /^\d{1,9}$/.test(text)) return Number(text);
  throw new RequestError(400, {
    code: "request/bad-version",
    what: "Cannot read the request",
    why: `the version is ${JSON.stringify(text)}`,
    fix: "Give a whole number: 1, 2, 3 …",
  });
}
