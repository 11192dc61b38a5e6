import type { Store } from "../../runtime/store/mod.ts";
import type { ServerLog } from "../api/mod.ts";
import type { Fields, Message } from "./fields.ts";
import { readRequest } from "./read_request.ts";

/** What the endpoints work with. */
export interface MlflowContext {
  readonly store: Store;
  /** Where new experiments keep their files, e.g. `file:///…`. @default `mlflow-artifacts:`, this server */
  readonly artifactRoot?: string | undefined;
  /** Address of the deployments server behind `gateway-proxy`. @default none */
  readonly deploymentsTarget?: string | undefined;
  /** Most bytes of one file that a client sends. @default Infinity */
  readonly uploadLimit?: number | undefined;
  readonly log: Pick<ServerLog, "write">;
}

/** Files go through this server. */
export const PROXY = "mlflow-artifacts:";

/** One request that met its endpoint. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  /** What a path ending in `*` stands for, decoded; else the variable parts of the path. */
  readonly rest: string;
}

/** Answers a call: an object becomes JSON. */
export type Handler = (call: Call, context: MlflowContext) => Promise<object>;

/** Endpoints by `METHOD path`; a path ending in `*` takes everything that begins so. */
export type Routes = Readonly<Record<string, Handler>>;

/** An endpoint that reads its request by fields; nothing to say is `{}`. */
export function endpoint<F extends Fields>(
  fields: F,
  answer: (message: Message<F>, context: MlflowContext, call: Call) => Promise<object | void>,
): Handler {
  return async (call, context) => {
    const message = await readRequest(call.request, call.url, fields);
    return await answer(message, context, call) ?? {};
  };
}
