/** @jsxImportSource hono/jsx */
import type { Html } from "../html.ts";
import type { RunFacts, StepFacts, VersionFacts } from "../../api/mod.ts";

/** A gate that worked and did not let the model through is no success of a person's. */
type Status = RunFacts["status"] | StepFacts["status"] | "said no";

/** A sign for every state, the same as in the terminal: colour is never alone. */
const SIGNS: Readonly<Record<Status, readonly [sign: string, tone: Tone, word: string]>> = {
  pending: ["○", "quiet", "pending"],
  running: ["▸", "busy", "running"],
  succeeded: ["✓", "good", "succeeded"],
  cached: ["≡", "good", "cached"],
  failed: ["✗", "bad", "failed"],
  gated: ["⊘", "warn", "gated"],
  "said no": ["⊘", "warn", "said no"],
  skipped: ["·", "quiet", "skipped"],
  cancelled: ["◼", "warn", "cancelled"],
};

type Tone = "good" | "bad" | "warn" | "busy" | "quiet";

/** How a step stands in the eyes of a person. */
export function statusOfStep({ step, status, summary }: StepFacts): Status {
  const hasRun = status === "succeeded" || status === "cached";
  return step === "gate" && hasRun && summary?.startsWith("failed") ? "said no" : status;
}

/** Sign, tone and word of a state. */
export function statusSign(status: Status): readonly [sign: string, tone: string, word: string] {
  return SIGNS[status];
}

/** How a run or a step run stands. */
export function StatusMark({ status }: { readonly status: Status }): Html {
  const [sign, tone, word] = SIGNS[status];
  return (
    <span class={`status ${tone}`}>
      <span class="sign" aria-hidden="true">{sign}</span> {word}
    </span>
  );
}

/** A movable name of a version. */
export function AliasBadge({ alias }: { readonly alias: string }): Html {
  return <span class={alias === "champion" ? "badge champion" : "badge"}>{alias}</span>;
}

/** What a version is. */
export function StateMark({ state }: { readonly state: VersionFacts["state"] }): Html {
  const [sign, tone] = ({
    registered: ["○", "quiet"],
    approved: ["✓", "good"],
    rejected: ["✗", "bad"],
    archived: ["▫", "quiet"],
  } as const)[state];
  return (
    <span class={`status ${tone}`}>
      <span class="sign" aria-hidden="true">{sign}</span> {state}
    </span>
  );
}
