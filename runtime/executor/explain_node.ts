import { didYouMean, ExplainedError } from "../../pipeline/mod.ts";
import type { KeyParts } from "../cache/cache_key.ts";
import { explainKey, type KeyDifference } from "../cache/explain_key.ts";
import { findKeyParts, getRun, listRuns, listStepRuns, type Store } from "../store/mod.ts";
import { selectRow } from "../store/rows.ts";
import type { StepStatus } from "./run_event.ts";

/** Why a node ran, or did not. */
export interface NodeExplanation {
  readonly run_id: string;
  readonly run_name: string;
  readonly pipeline: string;
  readonly node: string;
  readonly step: string;
  readonly status: StepStatus;
  /** As it was decided in that run. */
  readonly reason: string;
  readonly cache_key: string | null;
  /** Named parts of the key, where they are known. */
  readonly parts: KeyParts | null;
  /** Run that last did this node before, or `null`. */
  readonly compared_with: string | null;
  readonly differences: readonly KeyDifference[];
}

/** Which node of which run is meant. */
export interface ExplainOptions {
  readonly node: string;
  /** Id, prefix or name. @default the newest run that has the node */
  readonly run?: string;
  /** Name of the pipeline, when no run is given. */
  readonly pipeline?: string;
}

/**
 * Compares the key of a node with its key in the run before, part by part.
 *
 * @throws {ExplainedError} `explain/unknown-node` with the nodes of the run.
 */
export async function explainNode(
  store: Store,
  { node, run, pipeline }: ExplainOptions,
): Promise<NodeExplanation> {
  const row = run === undefined ? await newestRun(store, node, pipeline) : await getRun(store, run);
  const steps = await listStepRuns(store, row.runId);
  const step = steps.find((each) => each.node === node);
  if (step === undefined) throw unknownNode(node, row.runName, steps.map((each) => each.node));
  const parts = await partsOf(store, step.cacheKey);
  const previous = await previousKey(store, node, row.experimentId, row.startTime);
  const before = await partsOf(store, previous?.cacheKey ?? null);
  return {
    run_id: row.runId,
    run_name: row.runName,
    pipeline: row.experiment,
    node,
    step: step.step,
    status: step.status,
    reason: step.reason,
    cache_key: step.cacheKey,
    parts,
    compared_with: previous?.runId ?? null,
    differences: parts === null || before === null ? [] : explainKey(before, parts),
  };
}

async function newestRun(store: Store, node: string, pipeline: string | undefined) {
  const row = await selectRow<{ runId: string }>(
    store.client,
    `SELECT r.run_id AS runId FROM step_runs s JOIN runs r ON r.run_id = s.run_id
     JOIN experiments e ON e.experiment_id = r.experiment_id
     WHERE s.node = ? AND r.lifecycle_stage = 'active' AND (? IS NULL OR e.name = ?)
     ORDER BY r.start_time DESC, r.rowid DESC LIMIT 1`,
    [node, pipeline ?? null, pipeline ?? null],
  );
  if (row !== undefined) return await getRun(store, row.runId);
  const [newest] = await listRuns(store, {
    ...(pipeline === undefined ? {} : { experiment: pipeline }),
    limit: 1,
  });
  if (newest === undefined) {
    throw new ExplainedError("explain/no-run", {
      what: `Cannot explain node "${node}"`,
      why: pipeline === undefined ? "nothing has run yet" : `"${pipeline}" has not run yet`,
      fix: "Run it first: `deno task pipeline run`",
    });
  }
  const steps = await listStepRuns(store, newest.runId);
  throw unknownNode(node, newest.runName, steps.map((each) => each.node));
}

/** The key this node had in the newest earlier run of the same pipeline. */
async function previousKey(
  store: Store,
  node: string,
  experimentId: number | string,
  before: number,
): Promise<{ runId: string; cacheKey: string } | undefined> {
  return await selectRow(
    store.client,
    `SELECT s.run_id AS runId, s.cache_key AS cacheKey FROM step_runs s
     JOIN runs r ON r.run_id = s.run_id
     WHERE s.node = ? AND r.experiment_id = ? AND r.start_time < ? AND s.cache_key IS NOT NULL
       AND r.lifecycle_stage = 'active'
     ORDER BY r.start_time DESC LIMIT 1`,
    [node, experimentId, before],
  );
}

async function partsOf(store: Store, key: string | null): Promise<KeyParts | null> {
  const parts = key === null ? undefined : await findKeyParts(store, key);
  return parts === undefined ? null : parts as unknown as KeyParts;
}

function unknownNode(node: string, run: string, known: readonly string[]): ExplainedError {
  return new ExplainedError("explain/unknown-node", {
    what: `Cannot explain node "${node}"`,
    why: `run ${run} has no such node${didYouMean(node, known)}`,
    fix: known.length === 0 ? "Name another run with --run" : `Its nodes: ${known.join(", ")}`,
  });
}
