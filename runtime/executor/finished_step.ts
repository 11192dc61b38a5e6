import type { PlacedNode } from "../../pipeline/mod.ts";
import type { ArtifactRecord } from "../artifacts/artifact_codec.ts";
import type { StepDecision } from "./decide_step.ts";
import type { ErrorFacts, StepStatus } from "./run_event.ts";
import type { GateSummary } from "./run_summary.ts";

/** How one node of a finished run ended. */
export interface FinishedStep {
  readonly node: PlacedNode;
  readonly status: Exclude<StepStatus, "pending" | "running">;
  readonly durationMs: number;
  /** How often it was tried; 0 when it was cached or never began. */
  readonly attempt: number;
  readonly reason: string;
  readonly summary: string | null;
  readonly error: ErrorFacts | null;
  /** `null` for a node whose inputs never came. */
  readonly decision: StepDecision | null;
  readonly outputs: Readonly<Record<string, ArtifactRecord>>;
  readonly gates: readonly GateSummary[];
}
