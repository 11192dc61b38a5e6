import { ExplainedError } from "../../../../pipeline/explained_error.ts";
import { COMMAND } from "../../closing_card.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { renderDuration } from "../../quantity.ts";
import { runDocument, statusWord } from "../../run_document.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import type { Run, Store } from "../../../../runtime/store/mod.ts";

/** How long a run may take to stop: it looks every second, and a step that does not listen gets five. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 100;

/** `runs stop RUN`: does what Ctrl-C does in the run's own terminal. */
export function stopCommand(shell: Shell): AnyCommand {
  return newCommand("stop", {
    summary: "stop a run that goes on, as Ctrl-C in its terminal does",
    about: "What is finished is kept; `runs again` goes on from there. Works for every run of a\n" +
      "pipeline in this store, wherever it was started: here, by the server, on another machine.",
    examples: [
      ["runs stop 3f9a2c", "waits until it has ended"],
      ['runs stop brave-heron-12 --why "the loss is NaN"', "says why, in the run's log and page"],
    ],
  })
    .argument("<run>", "id, start of an id, or name")
    .option("--why <text>", "a reason, kept with the run")
    .option("--no-wait", "only ask, do not wait for the end")
    .action(async (reference, { json, why = "", wait }) => {
      const { requestStop } = await import("../../../../runtime/store/mod.ts");
      const { settings: { user }, terminal: { out } } = shell;
      await using store = await openShellStore(shell);
      const asked = performance.now();
      const { run } = await requestStop(store, reference, { userId: user, why, at: Date.now() });
      const now = wait ? await untilOver(store, run) : run;
      if (json) return printJson(shell, runDocument(now));
      const name = `${now.runName} (${now.runId.slice(0, 6)})`;
      if (!wait) return out.lines([`Asked ${name} to stop.`]);
      const took = renderDuration(performance.now() - asked);
      out.lines([
        now.status === "KILLED"
          ? `Stopped ${name} after ${took}; what was finished is kept.`
          : `${name} ${statusWord(now)} before it could stop.`,
        `look at it: ${COMMAND} runs show ${now.runId.slice(0, 6)}`,
      ]);
    }) as AnyCommand;
}

/** @throws {ExplainedError} `run/does-not-stop`. */
async function untilOver(store: Store, { runId, runName, tags }: Run): Promise<Run> {
  const { getRun, RUN_TAGS } = await import("../../../../runtime/store/mod.ts");
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const run = await getRun(store, runId);
    if (run.status !== "RUNNING") return run;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const { [RUN_TAGS.host]: host = "an unknown machine", [RUN_TAGS.pid]: pid = "?" } = tags;
  throw new ExplainedError("run/does-not-stop", {
    what: `Cannot tell whether ${runName} stops`,
    why: `process ${pid} on ${host} has not answered for ${PATIENCE_MS / 1000} s: ` +
      "it is busy with one long operation, or gone without a word",
    fix: `The wish is kept. Look there whether the process lives; one that does not ends with ` +
      `the next command on ${host}`,
  });
}
