/** @jsxImportSource hono/jsx */
import { useContext } from "hono/jsx";
import type { RunDetail, StopFacts } from "../../api/mod.ts";
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
  const { stop, status } = run;
  if (status === "running") return stop === null ? null : <Stopping run={run} stop={stop} />;
  if (status === "cancelled") return <Stopped run={run} />;
  return stop === null ? null : (
    <p class="quiet-text wrap">
      {stop.by} asked it to stop when it was about to end{stop.why === "" ? "" : `: ${stop.why}`}
    </p>
  );
}

function Stopping({ run: { tags }, stop }: { readonly run: RunDetail; readonly stop: StopFacts }) {
  const { "hanok.pid": pid, "hanok.host": host } = tags;
  const process = pid === undefined || host === undefined
    ? "Its process"
    : `Process ${pid} on ${host}`;
  return (
    <div class="notice warn" role="status">
      <p class="notice-title">
        Stopping: {stop.by} asked for it <Ago at={stop.asked_at} />
      </p>
      {stop.why === "" ? "" : <p class="wrap">{stop.why}</p>}
      <p class="quiet-text">
        {process}{" "}
        hears of it within a second or two, and a step that is at work gets some seconds to end.
      </p>
    </div>
  );
}

function Stopped({ run: { stop, tags } }: { readonly run: RunDetail }): Html {
  const killed = tags["hanok.killed"];
  return (
    <div class="notice warn">
      <p class="notice-title">
        {stop !== null
          ? (
            <>
              {stop.by} stopped this run <Ago at={stop.asked_at} />
            </>
          )
          : killed !== undefined
          ? "The process of this run died"
          : "This run was cancelled"}
      </p>
      {stop === null || stop.why === "" ? "" : <p class="wrap">{stop.why}</p>}
      {stop === null && killed !== undefined ? <p class="wrap">{killed}</p> : ""}
      {tags["hanok.config"] === undefined
        ? ""
        : <p>What was finished is kept: running it again goes on from there.</p>}
    </div>
  );
}
