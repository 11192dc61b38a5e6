import { openCancellation } from "../cancel_on_signal.ts";
import { type AnyCommand, newCommand } from "../new_command.ts";
import { printJson, type Shell } from "../shell.ts";
import { usageError } from "../usage_error.ts";

/** `serve`: pages and predictions over HTTP. */
export function command(shell: Shell): AnyCommand {
  return newCommand("serve", {
    summary: "web pages and predictions over HTTP",
    about: "Also `deno task serve`. Every alias is served; a moved alias within seconds.",
    examples: [
      ["serve", "http://localhost:8000"],
      ["serve --model digits --port 9000", "POST /predict answers with digits"],
      ["serve --host 0.0.0.0", "for other machines too"],
    ],
  })
    .option("-p, --port <port>", "0 takes any free one", parsePort, 8000)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("-m, --model <model>", "which model POST /predict means")
    .action(async ({ json, port, host, model }) => {
      const { startServer } = await import("../../web/mod.ts");
      const { terminal } = shell;
      await using store = await import("../shell.ts").then(({ openShellStore }) =>
        openShellStore(shell)
      );
      using cancellation = openCancellation({
        onFirst: () => terminal.err.lines(["Stopping: requests under way are answered."]),
        onSecond: () => Deno.exit(130),
      });
      const server = await startServer({
        host,
        port,
        store,
        ...(model === undefined ? {} : { model }),
      });
      if (json) printJson(shell, { url: server.url });
      else terminal.out.lines([`Hanok serves ${server.url}`, "Ctrl-C ends it."]);
      await new Promise<void>((resolve) =>
        cancellation.signal.addEventListener("abort", () => resolve(), { once: true })
      );
      await server[Symbol.asyncDispose]();
    }) as AnyCommand;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw usageError(`"${text}" is no port`, "Give a number from 0 to 65535");
}
