import type { PipelineFiles } from "../../runtime/pipelines/describe_pipelines.ts";
import type { DriftReader } from "../../runtime/drift/mod.ts";
import type { ModelCatalog, ModelServer } from "../../runtime/serving/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";
import type { Caller } from "./caller.ts";
import type { Traffic } from "./traffic.ts";
import type { Reruns } from "./rerun.ts";
import type { ServerMetrics } from "./server_metrics.ts";
import type { ServerLog } from "./server_log.ts";

/** What the routes of the server work with. */
export interface ServerContext {
  readonly store: Store;
  readonly models: ModelServer;
  readonly catalog: ModelCatalog;
  /** The model that `--model` names: `digits`, `digits@candidate`, `digits/3`. */
  readonly defaultModel: string | undefined;
  readonly log: ServerLog;
  /** Where experiments of MLflow's clients keep their files. @default in the store, through this server */
  readonly artifactRoot?: string | undefined;
  /** Address of the deployments server that MLflow's pages ask through this one. @default none */
  readonly deploymentsTarget?: string | undefined;
  /** Most bytes of one file that a client sends. */
  readonly uploadLimit: number;
  readonly metrics: ServerMetrics;
  readonly traffic: Traffic;
  readonly drift: DriftReader;
  readonly reruns: Reruns;
  /** The pipelines of the project around the server. */
  readonly listPipelines: () => Promise<readonly PipelineFiles[]>;
  /** Aborted when the server is told to stop: what would go on for long ends. */
  readonly stopping: AbortSignal;
  /**
   * Looks at every request before anything else does.
   *
   * @returns Who it is from; a promise only where callers must show a token.
   * @throws {RequestError} When the request is not to be answered.
   */
  readonly admit: (request: Request) => Caller | Promise<Caller>;
}
