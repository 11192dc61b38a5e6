import { ExplainedError } from "../../pipeline/mod.ts";
import {
  type Act,
  approve,
  archive,
  deleteAlias,
  getVersion,
  moveAlias,
  reject,
  rollback,
} from "../../runtime/registry/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";
import { RequestError } from "./error_answer.ts";

/** What a person decides about a model. */
export type ModelAction =
  | { readonly action: "approve" | "reject" | "archive"; readonly version: number }
  | { readonly action: "set-alias"; readonly alias: string; readonly version: number }
  | { readonly action: "delete-alias"; readonly alias: string }
  | { readonly action: "rollback" };

/** What came of it. */
export interface DoneAction {
  /** A sentence for people: `Version 2 is the champion`. */
  readonly done: string;
  readonly model: string;
  readonly version: number | null;
}

/**
 * Does what was decided, and keeps who decided it and why.
 *
 * @throws {ExplainedError} `registry/…` when it cannot be, `request/no-reason` without a reason.
 */
export async function actOnModel(
  store: Store,
  name: string,
  action: ModelAction,
  act: Act,
): Promise<DoneAction> {
  if (act.why.trim() === "") {
    throw new RequestError(400, {
      code: "request/no-reason",
      what: "Cannot decide about the model",
      why: "no reason was given",
      fix: "Say why: it is kept in the model's history",
    });
  }
  const model = name;
  switch (action.action) {
    case "approve": {
      const { version } = await approve(store, await known(store, name, action), act);
      return { done: `Version ${version} is approved, and the champion`, model, version };
    }
    case "reject": {
      const { version } = await reject(store, await known(store, name, action), act);
      return { done: `Version ${version} is rejected`, model, version };
    }
    case "archive": {
      const { version } = await archive(store, await known(store, name, action), act);
      return { done: `Version ${version} is archived`, model, version };
    }
    case "set-alias": {
      const { alias } = action;
      const { version } = await moveAlias(store, await known(store, name, action), alias, act);
      return { done: `${alias} points at version ${version}`, model, version };
    }
    case "delete-alias": {
      const { alias } = action;
      if (!await deleteAlias(store, name, alias, act)) throw unknownAlias(name, alias);
      return { done: `${alias} is taken away`, model, version: null };
    }
    case "rollback": {
      const { version } = await rollback(store, name, act);
      return { done: `Version ${version} is the champion again`, model, version };
    }
  }
}

async function known(
  store: Store,
  name: string,
  { version }: { readonly version: number },
): Promise<{ readonly name: string; readonly version: number }> {
  return await getVersion(store, { name, version });
}

function unknownAlias(name: string, alias: string): ExplainedError {
  return new ExplainedError("registry/unknown-alias", {
    what: `Cannot take alias "${alias}" away`,
    why: `no version of "${name}" has it`,
    fix: "See the model's page for its aliases",
  });
}
