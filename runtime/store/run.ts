/** How a run stands, in MLflow's words. */
export type MlflowStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

/** Names and texts, e.g. tags. */
export type Texts = Readonly<Record<string, string>>;

/** One point of a metric. */
export interface MetricPoint {
  readonly key: string;
  /** NaN is kept; an infinity becomes the greatest finite number, as in MLflow. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** Iteration; may be negative. */
  readonly step: number;
}

/** One execution of a pipeline, or of code that logs. Times are milliseconds since 1970. */
export interface Run {
  /** 32 hex digits. */
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: number;
  readonly experiment: string;
  readonly userId: string;
  readonly status: MlflowStatus;
  readonly startTime: number;
  readonly endTime: number | null;
  readonly lifecycleStage: "active" | "deleted";
  readonly artifactUri: string;
  readonly tags: Texts;
  readonly params: Texts;
  /** The greatest (step, timestamp, value) of every metric. */
  readonly metrics: Readonly<Record<string, MetricPoint>>;
}

/** Tags that mean something to the program. The first four are MLflow's. */
export const RUN_TAGS = {
  name: "mlflow.runName",
  note: "mlflow.note.content",
  parent: "mlflow.parentRunId",
  user: "mlflow.user",
  host: "hanok.host",
  pid: "hanok.pid",
  processStart: "hanok.process_start",
  /** Lock that the process holds as long as the run goes on. */
  lock: "hanok.lock",
  killed: "hanok.killed",
  /** Who asked the run to stop, and why. */
  stopped: "hanok.stopped",
} as const;
