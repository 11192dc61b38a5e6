import { type AnyCommand, newCommand } from "../../new_command.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { usageError } from "../../usage_error.ts";

/** `runs send`: what the team's server does not have yet. */
export function sendCommand(shell: Shell): AnyCommand {
  return newCommand("send", {
    summary: "send runs to the team's server that it has not got",
    about:
      "With HANOK_SERVER set, `run` sends each run by itself, and what it could not send next time.",
    examples: [["runs send", "after the connection was lost"]],
  }).action(async ({ json }) => {
    const { settings: { server: url, serverToken }, terminal: { out } } = shell;
    if (url === null) {
      throw usageError(
        "HANOK_SERVER is not set",
        "Set it to the server's address: http://host:8000",
      );
    }
    const { openRemoteServer, sendPending } = await import("../../../../runtime/remote/mod.ts");
    await using store = await openShellStore(shell);
    const { sent, remarks, problem } = await sendPending(store, openRemoteServer(url, serverToken));
    if (problem !== undefined) throw problem;
    if (json) return printJson(shell, { server: url, sent, remarks });
    const done = sent.length === 0 ? `${url} has every run.` : `Sent ${sent.length} to ${url}.`;
    out.lines([done, ...remarks]);
  }) as AnyCommand;
}
