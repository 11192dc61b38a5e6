import type { runTags } from "../executor/run_record.ts";
import type { FinishedStep } from "../executor/finished_step.ts";
import { readRunMetrics } from "../executor/summarize_run.ts";
import type { RunCard, RunSummary } from "../executor/run_summary.ts";
import type { PreparedRun } from "../prepare_run.ts";
import { listConfigs } from "../pipelines/list_configs.ts";
import { listEdges, listInputs, type RunArtifact, type Store } from "../store/mod.ts";
import { selectRows } from "../store/rows.ts";
import { VERSION } from "../version.ts";
import type { Manifest } from "./manifest.ts";

/** What a finished run knows that its manifest needs. */
export interface FinishedRun {
  readonly prepared: PreparedRun;
  readonly steps: readonly FinishedStep[];
  readonly summary: RunSummary;
  readonly card: RunCard;
  readonly tags: ReturnType<typeof runTags>;
  readonly params: Manifest["rows"]["params"];
}

/**
 * The manifest of a finished run, or `undefined` when the next run can differ without any file
 * changing: a step that is never cached, a ttl, a URL, a failure, or a file touched meanwhile.
 */
export async function makeManifest(run: FinishedRun): Promise<Manifest | undefined> {
  const { prepared, steps, summary, card, tags, params } = run;
  const { stamps } = prepared;
  const isRepeatable = ["succeeded", "gated"].includes(summary.status) &&
    prepared.store.client.isFile && steps.every(canRepeat) && !stamps.hasChanged();
  if (!isRepeatable) return undefined;
  const { store, graph } = prepared;
  const edges = await listEdges(store, summary.run_id);
  const folder = await listRunArtifacts(store, summary.run_id);
  const files = new Map(
    steps.flatMap(({ outputs }) => Object.values(outputs)).flatMap(({ files }) => files)
      .map(({ hash, size }) => [store.blobs.pathOf(hash), size]),
  );
  return {
    form: 1,
    framework: VERSION,
    deno: Deno.version.deno,
    files: stamps.list(),
    configs: [prepared.pipelineFolder, listConfigs(prepared.pipelineFolder)],
    blobs: [...files],
    cacheKeys: [
      ...new Set(
        steps.flatMap(({ decision, status }) =>
          decision === null || status === "skipped" ? [] : [decision.cacheKey]
        ),
      ),
    ],
    champions: championsOf(steps),
    secrets: prepared.secrets.names,
    projectFolder: prepared.projectFolder,
    rows: {
      experiment: graph.pipeline,
      tags,
      params,
      steps: await Promise.all(steps.map(async (step) => ({
        stepRun: {
          node: step.node.id,
          step: step.node.step.name,
          status: repeated(step),
          attempt: 0,
          durationMs: 0,
          cacheKey: step.decision?.cacheKey ?? null,
          reason: repeatedReason(step),
          summary: step.summary,
          error: null,
        },
        edges: edges.filter(({ node }) => node === step.node.id)
          .map(({ direction, slot, artifact }) => ({ direction, slot, artifact })),
        runArtifacts: folder.filter(({ path }) => path.startsWith(`${step.node.id}/`)),
        metrics: Object.entries(await readRunMetrics(store, step.outputs)).flatMap((
          [name, value],
        ) => [`${step.node.id}/${name}`, name].map((key) => ({ key, value, step: 0 }))),
      }))),
      runArtifacts: folder.filter(({ path }) => path.startsWith("hanok/")),
      inputs: await listInputs(store, summary.run_id),
    },
    summary: {
      pipeline: summary.pipeline,
      status: summary.status,
      engine: summary.engine,
      steps: summary.steps.map((step, i) => ({
        ...step,
        status: repeated(steps[i]!),
        reason: repeatedReason(steps[i]!),
        duration_ms: 0,
      })),
      metrics: summary.metrics,
      gates: summary.gates,
      model: summary.model,
    },
    card,
    exitCode: summary.status === "gated" ? 3 : 0,
  };
}

function canRepeat({ node, status, decision, reason }: FinishedStep): boolean {
  if (status === "skipped") return reason.startsWith("gate ") || reason.endsWith("was skipped");
  return (status === "succeeded" || status === "cached") && node.step.cache === undefined &&
    decision?.reads.isVolatile === false;
}

function repeated({ status }: FinishedStep): "cached" | "skipped" {
  return status === "skipped" ? "skipped" : "cached";
}

function repeatedReason({ status, reason }: FinishedStep): string {
  return status === "skipped" ? reason : "nothing changed";
}

function championsOf(steps: readonly FinishedStep[]): Manifest["champions"] {
  return steps.flatMap(({ decision }) =>
    [...decision?.reads.champions ?? []].map(([model, facts]) =>
      [model, facts?.version ?? null] as const
    )
  );
}

async function listRunArtifacts(store: Store, run: string): Promise<readonly RunArtifact[]> {
  return await selectRows(
    store.client,
    `SELECT path, artifact_hash AS artifact FROM run_artifacts
     WHERE run_id = ? AND artifact_hash IS NOT NULL`,
    [run],
  );
}
