import type { ModelCatalog, ModelServer } from "../../runtime/serving/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";
import type { ServerLog } from "./server_log.ts";

/** What the routes of the server work with. */
export interface ServerContext {
  readonly store: Store;
  readonly models: ModelServer;
  readonly catalog: ModelCatalog;
  /** The model that `--model` names: `digits`, `digits@candidate`, `digits/3`. */
  readonly defaultModel: string | undefined;
  readonly log: ServerLog;
}
