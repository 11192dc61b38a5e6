import { ExplainedError } from "../../pipeline/mod.ts";
import {
  loadModel,
  openCatalog,
  openModelServer,
  type OpenServingPorts,
  openServingPorts,
  resolveTarget,
  SERVING_LIMITS,
} from "../../runtime/serving/mod.ts";
import type { PipelineFiles } from "../../runtime/pipelines/describe_pipelines.ts";
import { openDriftReader } from "../../runtime/drift/mod.ts";
import { createToken } from "../../runtime/access/mod.ts";
import { projectRoot, readSettings, type Settings } from "../../runtime/settings.ts";
import {
  openStore,
  reconcileRuns,
  type Store,
  type StoreLocation,
} from "../../runtime/store/mod.ts";
import {
  type Caller,
  defaultTarget,
  observeRequests,
  openAccessLog,
  openReruns,
  openServerLog,
  openServerMetrics,
  openTraffic,
  type ServerContext,
  type ServerEvent,
} from "../api/mod.ts";
import { type RunPlace, runStarter, type StartRun } from "../launch/mod.ts";
import { announceServer } from "../server_address.ts";
import { useArtifactRoot } from "../mlflow/mod.ts";
import { type Access, guardAccess, hasAdmin, openAccess } from "./access.ts";
import { createApp } from "./app.tsx";
import { hostGuard } from "./guard.ts";

/** How the server is to be started. */
export interface ServerOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** 0 takes any free port. @default 8000 */
  readonly port?: number;
  /** The model that `POST /predict` and the first page use: `digits`, `digits@candidate`, `digits/3`. */
  readonly model?: string | undefined;
  /** A store that the caller has opened, and closes when the server has finished. */
  readonly store?: Store | undefined;
  /** Folder of the store. @default `HANOK_STORE`, else `runs/` beside the nearest deno.json */
  readonly storeFolder?: string | undefined;
  /** A remote database instead of the folder's. */
  readonly storeUrl?: string | null | undefined;
  readonly authToken?: string | null | undefined;
  /** Where experiments of MLflow's clients keep their files: `file:///…`. @default in the store, through this server */
  readonly artifactRoot?: string | undefined;
  /** CPU threads for one operator of a model. @default `HANOK_THREADS`, else all cores */
  readonly threads?: number | undefined;
  /** Rows that one batch of a model takes at most. @default as many as a batch may take without a long pause */
  readonly batchRows?: number | undefined;
  /** Rows that may wait for a model; who comes then is told to come again. @default 8192 */
  readonly queueRows?: number | undefined;
  /** How long a prediction may take, in milliseconds. @default 30000 */
  readonly deadlineMs?: number | undefined;
  /** Part of the requests that are kept with their answers, 0 to 1. @default 0 */
  readonly sampleRate?: number | undefined;
  /** Requests kept of every model. @default 1000 */
  readonly samplesKept?: number | undefined;
  /** Whether a line a request is kept in `access.jsonl`. @default true */
  readonly accessLog?: boolean | undefined;
  /** Stops the server: it takes no more requests, and answers those it has. */
  readonly signal?: AbortSignal | undefined;
  /** Whether callers must show a token. @default for every host but those of this machine alone */
  readonly requireToken?: boolean | undefined;
  /** Requests a second that one token may make, twice as many at once. @default 1000 */
  readonly rateLimit?: number | undefined;
  /** Told the admin token that a store without one gets when callers must show theirs. */
  readonly onFirstToken?: (token: string) => void;
  /** Most bytes of one file that a client sends. @default 10 GB */
  readonly uploadLimit?: number | undefined;
  /** Names beside localhost that requests may be for. */
  readonly allowedHosts?: readonly string[];
  /** Time between two looks at the registry, in milliseconds. @default 500 */
  readonly pollMs?: number;
  /** Where pipelines that are run may lie. @default the project around the person */
  readonly place?: RunPlace | undefined;
  /** Makes the process of a run. @default a child of this process */
  readonly startRun?: StartRun | undefined;
  /** Tells which pipelines the project has. @default what lies in `place` */
  readonly listPipelines?: (() => Promise<readonly PipelineFiles[]>) | undefined;
  /** Told what also stands in `server.jsonl`. */
  readonly onEvent?: (event: ServerEvent) => void;
}

/** A server that listens. Disposing it stops it, as the signal does. */
export interface RunningServer extends AsyncDisposable {
  /** Address of the first page. */
  readonly url: string;
  readonly port: number;
  /** Settles when the server has stopped and let everything go. */
  readonly finished: Promise<void>;
}

/** A moved alias is seen within this time. */
const POLL_MS = 500;
/** Runs whose process was killed are seen to have ended within this time. */
const RECONCILE_MS = 10_000;
/** Bytes of a file that a client may send: a large model, and not a full disk. */
const UPLOAD_LIMIT = 10e9;
/** Requests a second that a token may make. */
const RATE_LIMIT = 1000;
/** Drift is computed again at most so often for those who read metrics. */
const DRIFT_MS = 30_000;
/** How long requests may take to end after the server was told to stop. */
const SHUTDOWN_MS = 5000;

/**
 * Starts the server: pages, predictions, facts.
 *
 * @throws {ExplainedError} `server/port-taken`, `server/bad-host`, `serving/unknown-model` for a
 * `model` that is not registered, or that the store cannot be opened.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  await using stack = new AsyncDisposableStack();
  const { context, access, endLong } = await openContext(options, stack);
  const { host = "127.0.0.1", port = 8000, signal } = options;
  const app = createApp(context, access);
  const accessLog = options.accessLog === false
    ? undefined
    : stack.use(await openAccessLog(context.store.folder));
  const hardStop = new AbortController();
  const server = listen(
    { hostname: host, port, signal: hardStop.signal },
    observeRequests(app.fetch, { context, accessLog }),
  );
  const { port: boundPort } = server.addr as Deno.NetAddr;
  try {
    // A token is told once: not before there is a server to show it to.
    if (access.isGuarded) await tellFirstToken(context.store, options);
  } catch (error) {
    hardStop.abort();
    await server.finished;
    throw error;
  }
  const url = `http://${addressOf(host)}:${boundPort}/`;
  context.log.write({ type: "server-started", url });
  stack.use(await announceServer(context.store.folder, url));
  // The first request then meets a model that is ready.
  defaultTarget(context).then((target) => context.models.open(target)).catch(() => {});

  const opened = stack.move();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => stopping ??= shutDown();
  const shutDown = async (): Promise<void> => {
    endLong();
    const timer = setTimeout(() => hardStop.abort(), SHUTDOWN_MS);
    await server.shutdown().finally(() => clearTimeout(timer));
  };
  if (signal?.aborted) void stop();
  else signal?.addEventListener("abort", () => void stop(), { once: true });
  const finished = server.finished.then(async () => {
    context.log.write({ type: "server-stopped" });
    await opened.disposeAsync();
  });
  return {
    url,
    port: boundPort,
    finished,
    async [Symbol.asyncDispose]() {
      void stop();
      await finished;
    },
  };
}

/** Makes a token for somebody to begin with, in a store without an admin's. */
async function tellFirstToken(
  store: Store,
  { onFirstToken }: Pick<ServerOptions, "onFirstToken">,
): Promise<void> {
  if (onFirstToken === undefined || await hasAdmin(store)) return;
  const { user } = readSettings();
  const { token } = await createToken(store, { name: user, role: "admin", user, at: Date.now() });
  onFirstToken(token);
}

/** Opens what the routes work with; the engine only when the first model is loaded. */
async function openContext(
  options: ServerOptions,
  stack: AsyncDisposableStack,
): Promise<
  { readonly context: ServerContext; readonly access: Access; readonly endLong: () => void }
> {
  const { model, host = "127.0.0.1", allowedHosts = [] } = options;
  const settings = readSettings();
  const store = options.store ?? stack.use(await openStore(locationOf(options, settings)));
  await reconcileRuns(store).catch(() => {});
  const reconciling = setInterval(() => void reconcileRuns(store).catch(() => {}), RECONCILE_MS);
  stack.defer(() => clearInterval(reconciling));
  const log = stack.use(await openServerLog(store.folder, options.onEvent));
  const catalog = openCatalog(store);
  if (model !== undefined) await resolveTarget(model, catalog);
  const { threads = settings.threads } = options;
  const limits = {
    batchRows: options.batchRows ?? SERVING_LIMITS.batchRows,
    queuedRows: options.queueRows ?? SERVING_LIMITS.queuedRows,
    deadlineMs: options.deadlineMs ?? SERVING_LIMITS.deadlineMs!,
  };
  const metrics = openServerMetrics();
  let ports: Promise<OpenServingPorts> | undefined;
  const openPorts = (): Promise<OpenServingPorts> => {
    if (ports === undefined) {
      // A quick model is through before a second thread has woken up, and that one would take a core from the server.
      ports = openServingPorts({ threads: 1, threadsApart: threads });
      ports.catch(() => ports = undefined);
    }
    return ports;
  };
  stack.defer(async () => await (await ports)?.[Symbol.asyncDispose]());
  const models = stack.use(
    await openModelServer({
      catalog,
      load: async (files, { name, version }) =>
        await loadModel(files, await openPorts(), {
          limits,
          onBatch: (batch) => metrics.batch(name, version, batch),
        }),
      onEvent: log.write,
      pollMs: options.pollMs ?? POLL_MS,
    }),
  );
  const place = options.place ??
    {
      cwd: settings.cwd,
      project: projectRoot(settings.cwd),
      storeFolder: store.folder,
      storeUrl: options.storeUrl,
    };
  const startRun = options.startRun ?? runStarter(place);
  const reruns = stack.use(openReruns(store, { project: place.project, startRun }));
  const listPipelines = options.listPipelines ?? (async () => {
    const { describePipelines } = await import("../../runtime/pipelines/describe_pipelines.ts");
    return await describePipelines(place.project);
  });
  const stopping = new AbortController();
  const checkHost = hostGuard([host, Deno.hostname(), ...allowedHosts]);
  const isGuarded = options.requireToken ?? !isLoopback(host);
  const access = isGuarded
    ? guardAccess(store, { requestsPerSecond: options.rateLimit ?? RATE_LIMIT })
    : openAccess(settings.user);
  const traffic = stack.use(
    await openTraffic(store, {
      sampleRate: options.sampleRate ?? 0,
      samplesKept: options.samplesKept ?? 1000,
      pollMs: options.pollMs ?? POLL_MS,
    }),
  );
  const drift = stack.use(
    openDriftReader(store, { refreshMs: DRIFT_MS, now: () => performance.now() }),
  );
  const admit = (request: Request): Caller | Promise<Caller> => {
    checkHost(request);
    return access.admit(request);
  };
  const { artifactRoot } = options;
  if (artifactRoot !== undefined) await useArtifactRoot(store, artifactRoot);
  const context = {
    store,
    models,
    catalog,
    defaultModel: model,
    log,
    metrics,
    traffic,
    drift,
    reruns,
    listPipelines,
    stopping: stopping.signal,
    admit,
    artifactRoot,
    uploadLimit: options.uploadLimit ?? UPLOAD_LIMIT,
    deploymentsTarget: settings.deploymentsTarget ?? undefined,
  };
  return { context, access, endLong: () => stopping.abort() };
}

function locationOf(
  { storeFolder, storeUrl, authToken }: ServerOptions,
  settings: Settings,
): StoreLocation {
  return {
    folder: storeFolder ?? settings.storeFolder,
    ...(storeUrl === undefined || storeUrl === null ? {} : { url: storeUrl }),
    ...(authToken === undefined || authToken === null ? {} : { authToken }),
  };
}

function listen(
  { hostname, port, signal }: { hostname: string; port: number; signal: AbortSignal },
  handler: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>,
): Deno.HttpServer {
  try {
    return Deno.serve(
      { hostname, port, signal, onListen: () => {} },
      handler,
    );
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      throw new ExplainedError("server/port-taken", {
        what: "Cannot start the server",
        why: `port ${port} on ${hostname} is in use`,
        fix: "Stop the other server, or choose another port with --port",
        cause,
      });
    }
    throw new ExplainedError("server/bad-host", {
      what: "Cannot start the server",
      why: `it cannot listen on ${hostname}:${port}: ${
        cause instanceof Error ? cause.message : cause
      }`,
      fix:
        "Choose an address of this machine with --host, and a free port from 1024 on with --port",
      cause,
    });
  }
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** An address as a browser takes it: one that listens everywhere is reached at localhost. */
function addressOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
