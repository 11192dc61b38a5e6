import type { EngineName } from "../../pipeline/mod.ts";

/** How a step run stands. */
export type StepStatus =
  | "pending"
  | "running"
  | "succeeded"
  | "cached"
  | "failed"
  | "skipped"
  | "cancelled";

/** How a run ended. */
export type RunStatus = "succeeded" | "failed" | "gated" | "cancelled";

/** An error as it is stored and shown: see `ExplainedError`. */
export interface ErrorFacts {
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  readonly code: string;
}

/** What is common to all events. */
interface Event<Type extends string> {
  readonly type: Type;
  /** ISO-8601 UTC, milliseconds. */
  readonly at: string;
}

export interface RunStarted extends Event<"run-started"> {
  /** 32 hex digits. */
  readonly run: string;
  readonly runName: string;
  readonly pipeline: string;
  readonly nodes: readonly { readonly node: string; readonly step: string }[];
}

export interface EngineChosen extends Event<"engine-chosen"> {
  readonly engine: EngineName;
  readonly device: string;
  readonly why: string;
}

export interface StepStarted extends Event<"step-started"> {
  readonly node: string;
  readonly step: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Why it was not taken from the cache. */
  readonly reason: string;
}

export interface StepProgress extends Event<"step-progress"> {
  readonly node: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
  readonly label: string | null;
  readonly loss: number | null;
}

export interface MetricRecorded extends Event<"metric"> {
  readonly node: string;
  readonly name: string;
  /** NaN and infinities are texts in JSON: "NaN", "Infinity", "-Infinity". */
  readonly value: number | "NaN" | "Infinity" | "-Infinity";
  readonly iteration: number;
}

export interface LogLine extends Event<"log"> {
  /** Absent for the run itself. */
  readonly node: string | null;
  readonly level: "info" | "warning" | "error";
  readonly message: string;
}

export interface StepRetried extends Event<"step-retried"> {
  readonly node: string;
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: ErrorFacts;
}

export interface StepFinished extends Event<"step-finished"> {
  readonly node: string;
  readonly step: string;
  readonly status: Exclude<StepStatus, "pending" | "running">;
  readonly durationMs: number;
  readonly cacheKey: string | null;
  /** Why it ran, was cached or was skipped, in a few words. */
  readonly reason: string;
  /** What came out, in a few words: "1 437 rows". */
  readonly summary: string | null;
  readonly error: ErrorFacts | null;
  /** Whether its verdict passed; `null` when it gave none. */
  readonly passed: boolean | null;
}

export interface RunFinished extends Event<"run-finished"> {
  readonly status: RunStatus;
  readonly durationMs: number;
}

/** Everything that can happen in a run. Database, `events.jsonl`, terminal and pages all show these. */
export type RunEvent =
  | RunStarted
  | EngineChosen
  | StepStarted
  | StepProgress
  | MetricRecorded
  | LogLine
  | StepRetried
  | StepFinished
  | RunFinished;
