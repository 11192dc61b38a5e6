import {
  DEFAULT_ALIAS,
  renderTarget,
  resolveTarget,
  type ServingTarget,
} from "../../runtime/serving/mod.ts";
import { RequestError } from "./error_answer.ts";
import type { ServerContext } from "./server_context.ts";

/** How long the answer of the registry holds: as long as that about aliases. */
const HOLDS_MS = 500;

type DefaultContext = Pick<ServerContext, "catalog" | "defaultModel">;

const KNOWN = new WeakMap<DefaultContext, { readonly target: ServingTarget; until: number }>();

/**
 * What answers when a request names no model: the one that `--model` names, or the only one.
 *
 * @throws {RequestError} 409 with the list when there are several, 404 when there is none.
 */
export async function defaultTarget(context: DefaultContext): Promise<ServingTarget> {
  const known = findDefaultTarget(context);
  if (known !== undefined) return known;
  const target = await findTarget(context);
  KNOWN.set(context, { target, until: Date.now() + HOLDS_MS });
  return target;
}

/** The same, if it was looked up a moment ago. */
export function findDefaultTarget(context: DefaultContext): ServingTarget | undefined {
  const known = KNOWN.get(context);
  return known !== undefined && known.until > Date.now() ? known.target : undefined;
}

async function findTarget({ catalog, defaultModel }: DefaultContext): Promise<ServingTarget> {
  if (defaultModel !== undefined) return await resolveTarget(defaultModel, catalog);
  const names = await catalog.listModels();
  const [only] = names;
  if (only === undefined) {
    throw new RequestError(404, {
      code: "serving/unknown-model",
      what: "Cannot predict",
      why: "no model has been registered yet",
      fix: "Run a pipeline that registers one: `deno task pipeline run`",
    });
  }
  if (names.length === 1) return { name: only, alias: DEFAULT_ALIAS };
  throw new RequestError(
    409,
    {
      code: "serving/which-model",
      what: "Cannot tell which model is meant",
      why: `there are ${names.length}: ${names.slice(0, 10).join(", ")}${
        names.length > 10 ? " …" : ""
      }`,
      fix: `Ask ${predictPath({ name: only, alias: DEFAULT_ALIAS })}, or start the server with ` +
        `--model ${renderTarget({ name: only, alias: DEFAULT_ALIAS })}`,
    },
    names,
  );
}

/** The address that predicts with a target. */
export function predictPath(target: ServingTarget): string {
  const model = `/models/${encodeURIComponent(target.name)}`;
  if ("version" in target) return `${model}/versions/${target.version}/predict`;
  if (target.alias === DEFAULT_ALIAS) return `${model}/predict`;
  return `${model}/aliases/${encodeURIComponent(target.alias)}/predict`;
}
