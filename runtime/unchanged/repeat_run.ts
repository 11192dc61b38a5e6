import { join } from "node:path";
import type { RunEvent } from "../executor/run_event.ts";
import type { RunCard, RunSummary } from "../executor/run_summary.ts";
import { readGitFacts } from "../executor/git_facts.ts";
import { listConfigs } from "../pipelines/list_configs.ts";
import type { Settings } from "../settings.ts";
// Not through the door of the store, which brings what this way never uses.
import { writeRunArtifacts } from "../store/artifact_store.ts";
import { writeInputs } from "../store/input_store.ts";
import { openStore, type Store } from "../store/open_store.ts";
import { reconcileRuns } from "../store/reconcile.ts";
import { selectRow, selectRows } from "../store/rows.ts";
import { RUN_TAGS } from "../store/run.ts";
import { writeRun } from "../store/run_store.ts";
import { type StepSuccess, writeStepSuccesses } from "../store/step_run_store.ts";
import { VERSION } from "../version.ts";
import { isSameStamp, stampOf } from "./file_stamps.ts";
import { type Manifest, type ManifestKey, manifestPath, readManifest } from "./manifest.ts";

/** A run in which nothing had to be done. */
export interface RepeatedRun {
  readonly summary: RunSummary;
  readonly card: RunCard;
  readonly exitCode: 0 | 3;
}

/**
 * The short way of a run whose surroundings are exactly those of an earlier one: looks at files,
 * rows and blobs, records the run, and imports neither the pipeline nor a schema library.
 *
 * @returns `undefined` when anything differs: the run then goes the long way.
 */
export async function repeatRun(
  key: ManifestKey,
  settings: Settings,
  onEvent: (event: RunEvent) => void,
): Promise<RepeatedRun | undefined> {
  const startedAt = performance.now();
  const manifest = await readManifest(await manifestPath(settings.storeFolder, key));
  if (manifest === undefined || !isUntouched(manifest)) return undefined;
  if (!await areSecretsSet(manifest)) return undefined;
  // Asked for while the database is opened; it is another process.
  const git = readGitFacts(manifest.projectFolder);
  await using store = await openStore({ folder: settings.storeFolder });
  if (!await isStillCached(store, manifest)) return undefined;
  await reconcileRuns(store);

  const run = await recordRun(store, manifest, {
    tags: {
      ...manifest.rows.tags,
      ...gitTags(await git),
      [RUN_TAGS.host]: settings.hostname,
      // A server that started this process finds the run by it.
      [RUN_TAGS.pid]: String(Deno.pid),
    },
    user: settings.user,
  });
  const durationMs = Math.round(performance.now() - startedAt);
  const summary: RunSummary = {
    run_id: run.runId,
    run_name: run.runName,
    duration_ms: durationMs,
    ...manifest.summary,
    model: await withAliases(store, manifest.summary.model),
  };
  const events = eventsOf(summary);
  for (const event of events) onEvent(event);
  const folder = join(store.folder, run.runId);
  await Deno.mkdir(folder, { recursive: true });
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  await Deno.writeTextFile(join(folder, "events.jsonl"), lines.join(""), { append: true });
  return { summary, card: manifest.card, exitCode: manifest.exitCode };
}

function isUntouched(manifest: Manifest): boolean {
  const { framework, deno, files, configs: [folder, configs], blobs } = manifest;
  return framework === VERSION && deno === Deno.version.deno &&
    files.every(([path, stamp]) => isSameStamp(stamp, stampOf(path))) &&
    listConfigs(folder).join("\n") === configs.join("\n") &&
    blobs.every(([path, size]) => stampOf(path)?.[1] === size);
}

async function areSecretsSet({ secrets, projectFolder }: Manifest): Promise<boolean> {
  if (secrets.length === 0) return true;
  const { openSecrets } = await import("../config/dot_env.ts");
  const source = openSecrets(projectFolder);
  return secrets.every((name) => source(name) !== undefined);
}

/** One query: do all cache entries still count, and are the champions still the same? */
async function isStillCached(store: Store, { cacheKeys, champions }: Manifest): Promise<boolean> {
  const row = await selectRow<{ entries: number; champions: number }>(
    store.client,
    `SELECT
       (SELECT count(*) FROM cache_entries
        WHERE collected_at IS NULL AND cache_key IN (SELECT value FROM json_each(?))) AS entries,
       (SELECT count(*) FROM json_each(?) AS wanted
        WHERE json_extract(wanted.value, '$[1]') IS
          (SELECT version FROM model_aliases
           WHERE name = json_extract(wanted.value, '$[0]') AND alias = 'champion')) AS champions`,
    [JSON.stringify(cacheKeys), JSON.stringify(champions)],
  );
  return row?.entries === cacheKeys.length && row.champions === champions.length;
}

/** The model as it stands now: its aliases may have moved since. */
async function withAliases(store: Store, model: RunSummary["model"]): Promise<RunSummary["model"]> {
  if (model === null) return null;
  const rows = await selectRows<{ alias: string }>(
    store.client,
    "SELECT alias FROM model_aliases WHERE name = ? AND version = ? ORDER BY alias",
    [model.name, model.version],
  );
  return { ...model, aliases: rows.map(({ alias }) => alias) };
}

/** Everything the run records, in one transaction: it begins and ends in it. */
async function recordRun(
  store: Store,
  { rows, exitCode }: Manifest,
  run: { readonly tags: Readonly<Record<string, string>>; readonly user: string },
): Promise<{ readonly runId: string; readonly runName: string }> {
  const now = Date.now();
  const runId = crypto.randomUUID().replaceAll("-", "");
  const runName = await store.write(async (transaction) => {
    const name = await writeRun(transaction, {
      runId,
      experiment: rows.experiment,
      user: run.user,
      startTime: now,
      tags: { ...run.tags, "hanok.status": exitCode === 0 ? "succeeded" : "gated" },
      params: rows.params,
    }, { status: "FINISHED", endTime: now });
    await writeStepSuccesses(transaction, rows.steps.map((step) => stepSuccess(step, runId, now)));
    await writeRunArtifacts(transaction, runId, rows.runArtifacts);
    await writeInputs(transaction, runId, rows.inputs);
    return name;
  });
  return { runId, runName };
}

function stepSuccess(
  { stepRun, edges, runArtifacts, metrics }: Manifest["rows"]["steps"][number],
  runId: string,
  now: number,
): StepSuccess {
  return {
    stepRun: { ...stepRun, runId, startedAt: now, endedAt: now },
    artifacts: [],
    edges,
    runArtifacts,
    // JSON has no NaN: it comes back as null.
    metrics: metrics.map((point) => ({ ...point, value: point.value ?? NaN, timestamp: now })),
  };
}

function gitTags(git: Awaited<ReturnType<typeof readGitFacts>>): Record<string, string> {
  if (git === null) return {};
  return {
    "mlflow.source.git.commit": git.commit,
    "mlflow.source.git.branch": git.branch,
    "hanok.git.dirty": String(git.isDirty),
  };
}

function eventsOf(summary: RunSummary): readonly RunEvent[] {
  const at = new Date().toISOString();
  const { run_id: run, run_name: runName, pipeline, steps, status, duration_ms } = summary;
  return [
    {
      type: "run-started",
      at,
      run,
      runName,
      pipeline,
      nodes: steps.map(({ node, step }) => ({ node, step })),
    },
    ...steps.map((step): RunEvent => ({
      type: "step-finished",
      at,
      node: step.node,
      step: step.step,
      status: step.status as "cached" | "skipped",
      durationMs: 0,
      cacheKey: step.cache_key,
      reason: step.reason,
      summary: step.summary,
      error: null,
      passed: passedOf(summary.gates.filter(({ node }) => node === step.node)),
    })),
    { type: "run-finished", at, status, durationMs: duration_ms },
  ];
}

function passedOf(gates: RunSummary["gates"]): boolean | null {
  return gates.length === 0 ? null : gates.every(({ passed }) => passed);
}
