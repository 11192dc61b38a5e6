/** @jsxImportSource hono/jsx */
import { useContext } from "hono/jsx";
import type { RunDetail } from "../../api/mod.ts";
import type { Html } from "../html.ts";
import { runPath } from "../paths.ts";
import { ReaderContext, readerMay } from "../reader.ts";
import { Ago } from "./time.tsx";

/** The button that stops a run; opening it asks whether that is meant, so that no slip of the finger does. */
export function StopForm({ run }: { readonly run: RunDetail }): Html | null {
  if (run.stop !== null || !readerMay(useContext(ReaderContext), "editor")) return null;
  return (
    <details class="stop">
      <summary>Stop…</summary>
      <form method="post" action={`${runPath(run.run_id)}/stop`}>
        <div class="field wide">
          <label for="stop-why">Reason, if you like</label>
          <input id="stop-why" name="why" type="text" maxlength={500} autocomplete="off" />
        </div>
        <button type="submit" class="danger">Stop this run</button>
        <p class="quiet-text">
          What is finished is kept, as after Ctrl-C in its terminal: running it again goes on from
          there.
        </p>
      </form>
    </details>
  );
}

/** Who wanted a run to stop, and what came of it; or that its process died. */
export function StopNote({ run }: { readonly run: RunDetail }): Html | null {
  const { stop, status, tags } = run;
  if (stop === null) {
    const killed = status === "cancelled" ? tags["hanok.killed"] : undefined;
    return killed === undefined ? null : (
      <div class="notice warn">
        <p class="wrap">This run has no end of its own: {killed}.</p>
      </div>
    );
  }
  const why = stop.why === "" ? "" : `: ${stop.why}`;
  if (status === "running") {
    return (
      <div class="notice warn" role="status">
        <p class="notice-title">Stopping</p>
        <p class="wrap">
          {stop.by} asked for it <Ago at={stop.asked_at} />
          {why}
        </p>
        <p class="quiet-text">
          {placeOf(run)}{" "}
          hears of it within a second or two, and gives a step that is at work some seconds to end.
        </p>
      </div>
    );
  }
  if (status !== "cancelled") {
    return <p class="quiet-text wrap">{stop.by} asked it to stop when it was about to end{why}</p>;
  }
  return (
    <div class="notice warn">
      <p class="wrap">
        {stop.by} stopped this run <Ago at={stop.asked_at} />
        {why}
      </p>
    </div>
  );
}

function placeOf({ tags }: RunDetail): string {
  const { "hanok.pid": pid, "hanok.host": host } = tags;
  return pid === undefined || host === undefined ? "Its process" : `Process ${pid} on ${host}`;
}
