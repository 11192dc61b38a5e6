import type { EngineName, Mistake } from "../../pipeline/mod.ts";
import type { ErrorFacts, RunStatus, StepStatus } from "./run_event.ts";

/** What `pipeline run --json` prints: how a run ended. */
export interface RunSummary {
  readonly run_id: string;
  readonly run_name: string;
  readonly pipeline: string;
  readonly status: RunStatus;
  /** `null` when no step used an engine. */
  readonly engine: EngineName | null;
  readonly duration_ms: number;
  readonly steps: readonly StepSummary[];
  readonly metrics: Readonly<Record<string, number | "NaN">>;
  readonly gates: readonly GateSummary[];
  /** The version that was registered, or that the cached register step had registered. */
  readonly model: RunModel | null;
}

export interface StepSummary {
  readonly node: string;
  readonly step: string;
  readonly status: StepStatus;
  readonly duration_ms: number;
  readonly cache_key: string | null;
  readonly reason: string;
  readonly summary: string | null;
  readonly error: ErrorFacts | null;
}

export interface GateSummary {
  readonly node: string;
  readonly passed: boolean;
  /** `accuracy is 0.983, must be >= 0.97`, unmet ones first. */
  readonly reasons: readonly string[];
}

export interface RunModel {
  readonly name: string;
  readonly version: number;
  readonly aliases: readonly string[];
}

/** What the closing card shows beside the summary. */
export interface RunCard {
  readonly mistakes: readonly Mistake[];
  /** One row the model can predict, for a command to copy. */
  readonly inputExample: Readonly<Record<string, unknown>> | null;
}
