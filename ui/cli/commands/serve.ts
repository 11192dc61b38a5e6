import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Settings } from "../../../runtime/settings.ts";
import type { LaunchOptions } from "../../launch/mod.ts";
import type { RunningServer } from "../../web/mod.ts";
import { tokenCommand } from "./serve/token.ts";
import { CANCELLED, openCancellation } from "../cancel_on_signal.ts";
import { type AnyCommand, collect, newCommand } from "../new_command.ts";
import { serverEventLine } from "../server_event_line.ts";
import { parseCount } from "../parse_count.ts";
import { printJson, type Shell } from "../shell.ts";
import { usageError } from "../usage_error.ts";

/** `serve`: pages and predictions over HTTP, until Ctrl-C. */
export function command(shell: Shell): AnyCommand {
  const serve = newCommand("serve", {
    summary: "web pages and predictions over HTTP",
    about: "Also `deno task serve`. Every alias is served; a moved alias within seconds.",
    examples: [
      ["serve", "http://127.0.0.1:8000"],
      ["serve --model digits --port 9000", "POST /predict answers with digits"],
      ["serve --store mlruns/store.db", "a store of its own for MLflow's clients"],
      ["serve --host 0.0.0.0", "for other machines too, with tokens"],
      ["serve token create --role viewer", "a token for somebody who looks and predicts"],
    ],
  })
    .option("-p, --port <port>", "0 takes any free one", parsePort, 8000)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("-m, --model <model>", "which model POST /predict means")
    .option("--allowed-host <name>", "a name that requests may be for; repeatable", collect)
    .option("--store <file>", "database file of the store, whose folder keeps the bytes")
    .option(
      "--artifact-root <uri>",
      "where MLflow's clients keep files, e.g. file:///srv/artifacts",
    )
    .option("--require-token", "callers must show a token on this machine, too")
    .option("--rate-limit <count>", "requests a second that one token may make", parseCount)
    .option("--sample-rate <part>", "part of the requests that are kept, 0 to 1", parsePart)
    .option("--samples-kept <count>", "requests kept of every model", parseCount)
    .option("--no-access-log", "keep no line a request in access.jsonl")
    .option("--upload-limit <megabytes>", "most that one file may have (10000)", parseCount)
    .option("--batch-rows <count>", "rows that one batch takes at most", parseCount)
    .option("--queue-rows <count>", "rows that may wait for a model", parseCount)
    .option("--deadline <seconds>", "how long a prediction may take", parseSeconds)
    .action(async ({ json, port, host, model, allowedHost, batchRows, requireToken, ...more }) => {
      const { terminal: { out, err }, settings } = shell;
      using cancellation = openCancellation({
        onFirst: () => err.lines(["Stopping: requests under way are answered."]),
        onSecond: () => Deno.exit(CANCELLED),
      });
      const server = await start({
        host,
        port,
        model,
        ...storeOf(more.store, settings),
        artifactRoot: readRoot(more.artifactRoot, settings),
        authToken: settings.storeAuthToken,
        threads: settings.threads,
        allowedHosts: allowedHost ?? [],
        batchRows,
        queueRows: more.queueRows,
        deadlineMs: more.deadline === undefined ? undefined : more.deadline * 1000,
        requireToken,
        accessLog: more.accessLog,
        rateLimit: more.rateLimit,
        uploadLimit: more.uploadLimit === undefined ? undefined : more.uploadLimit * 1e6,
        sampleRate: more.sampleRate,
        samplesKept: more.samplesKept,
        onFirstToken: (token) =>
          err.lines([
            `Admin token, shown this once: ${err.paint.bold(token)}`,
            "Log in with it at /login; `deno task serve token create` makes more.",
          ]),
        signal: cancellation.signal,
        onEvent: (event) => {
          const line = serverEventLine(event, err.paint);
          if (line !== undefined) err.lines([line]);
        },
      }, settings);
      if (json) printJson(shell, { url: server.url, port: server.port });
      else out.lines([`Hanok serves ${out.paint.bold(server.url)}`, "Ctrl-C ends it."]);
      await server.finished;
    }) as AnyCommand;
  // What follows `token` belongs to it, `--json` too.
  serve.enablePositionalOptions().addCommand(tokenCommand(shell));
  return serve;
}

/** Serves here where everything is allowed anyway, else in a process that may do what a server needs. */
async function start(options: LaunchOptions, settings: Settings): Promise<RunningServer> {
  const { state } = await Deno.permissions.query({ name: "net" });
  if (state === "granted") {
    const { startServer } = await import("../../web/mod.ts");
    return await startServer(options);
  }
  const { launchServer } = await import("../../launch/mod.ts");
  return await launchServer(options, settings);
}

/** The store of a database file; without one, that of the settings. */
function storeOf(
  file: string | undefined,
  { storeFolder, storeUrl, cwd }: Settings,
): { readonly storeFolder: string; readonly storeUrl: string | null } {
  if (file === undefined) return { storeFolder, storeUrl };
  const path = resolve(cwd, file);
  return { storeFolder: dirname(path), storeUrl: pathToFileURL(path).href };
}

function readRoot(root: string | undefined, { cwd }: Settings): string | undefined {
  if (root === undefined || root === "mlflow-artifacts:/") return undefined;
  const uri = /^[a-z][a-z0-9+.-]*:/i.test(root) ? root : pathToFileURL(resolve(cwd, root)).href;
  return uri.replace(/(?<=[^/:])\/+$/, "");
}

function parsePart(text: string): number {
  const part = Number(text);
  if (text.trim() !== "" && part >= 0 && part <= 1) return part;
  throw usageError(`"${text}" is no part of 1`, "Give a number from 0 to 1, such as 0.01");
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw usageError(`"${text}" is no time in seconds`, "Give a number above 0, such as 30");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (text.trim() !== "" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw usageError(`"${text}" is no port`, "Give a number from 0 to 65535");
}
