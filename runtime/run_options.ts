import type { EngineName } from "../pipeline/mod.ts";
import type { RunEvent } from "./executor/run_event.ts";

/** Which engine a run may use: one by name, or the best that is there. */
export type EngineChoice = EngineName | "auto";

/** What the person is asked when a model has passed its gates. */
export interface RegistrationQuestion {
  readonly model: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** Version that is the champion now, or `null`. */
  readonly champion: number | null;
  /** What happens without asking. */
  readonly promote: "auto" | "approve";
}

/** The person's answer. */
export type RegistrationAnswer =
  | { readonly register: false }
  | { readonly register: true; readonly alias: "champion" | "candidate" };

/** Which nodes run, and which may come from the cache. */
export interface Selection {
  /** Runs only these nodes; what they need must be cached. */
  readonly only?: readonly string[];
  /** Runs these nodes and everything after them anew. */
  readonly from?: readonly string[];
  /** Runs these nodes anew; what follows is decided by their results. */
  readonly force?: readonly string[];
  /** Reads nothing from the cache. Results are still kept. */
  readonly noCache?: boolean;
  /** Re-hashes the bytes of cached artifacts before they are used. */
  readonly verify?: boolean;
}

/** How a pipeline is to be run. */
export interface RunOptions extends Selection {
  /** Path of a YAML file, or the values themselves. @default the pipeline's default.yaml, if it was loaded from a file */
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** Overrides, each `a.b=value`. */
  readonly set?: readonly string[];
  /** @default "auto" */
  readonly engine?: EngineChoice;
  /** Asks before a model is registered; the signal tells that the run is over and needs no answer. */
  readonly interactive?: (
    question: RegistrationQuestion,
    until: { readonly signal: AbortSignal },
  ) => Promise<RegistrationAnswer>;
  /** Cancels the run when it is aborted. */
  readonly signal?: AbortSignal;
  /** Told everything that happens. Must not throw. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Folder of the store. @default `HANOK_STORE`, else `runs/` beside the nearest deno.json */
  readonly store?: string;
  readonly runName?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly note?: string;
  /** Run id of the run that this one is a part of. */
  readonly parent?: string;
}
