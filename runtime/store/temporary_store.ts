import { type ArtifactFile, artifactHash } from "../cache/content_hash.ts";
import type { NewArtifact } from "./artifact_store.ts";
import type { CacheEntry } from "./cache_store.ts";
import { openStore, type Store } from "./open_store.ts";
import type { Run } from "./run.ts";
import { createRun, type NewRun } from "./run_store.ts";
import type { StepRun, StepSuccess } from "./step_run_store.ts";

/** A new store for a test; disposing it removes its folder. */
export async function openTemporaryStore(): Promise<Store> {
  const folder = await Deno.makeTempDir({ prefix: "hanok 가게 " });
  const store = await openStore({ folder });
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A run as tests need it: only what matters to them is given. */
export async function beginRun(store: Store, run: Partial<NewRun> = {}): Promise<Run> {
  return await createRun(store, {
    runId: crypto.randomUUID().replaceAll("-", ""),
    experiment: "digits",
    user: "tester",
    startTime: 1000,
    ...run,
  });
}

/** Puts an artifact of one small file. */
export async function putArtifact(
  store: Store,
  text: string,
  kind = "folder",
): Promise<NewArtifact> {
  const blob = await store.blobs.put(new TextEncoder().encode(text));
  const files: ArtifactFile[] = [{ path: "content.txt", ...blob }];
  return { hash: await artifactHash(kind, files), kind, files };
}

/** A succeeded step run with one output `out`, its inputs in slots `in0`, `in1` … */
export function successOf(
  runId: string,
  node: string,
  { made, read = [], cacheKey = `key of ${node}`, ...rest }: {
    readonly made: NewArtifact;
    readonly read?: readonly NewArtifact[];
    readonly cacheKey?: string;
  } & Partial<StepRun>,
): StepSuccess {
  const stepRun: StepRun = {
    runId,
    node,
    step: node,
    status: "succeeded",
    attempt: 1,
    startedAt: 1000,
    endedAt: 2000,
    durationMs: 1000,
    cacheKey,
    reason: "not run before",
    summary: null,
    error: null,
    ...rest,
  };
  const cacheEntry: CacheEntry = {
    cacheKey,
    step: stepRun.step,
    node,
    runId,
    parts: { step: stepRun.step, code: { [`${node}.ts`]: "c0de" }, params: { seed: 7 } },
    outputs: [{ output: "out", kind: made.kind, artifact: made.hash }],
    createdAt: 2000,
    durationMs: 1000,
  };
  return {
    stepRun,
    artifacts: [made],
    ...(stepRun.status === "succeeded" ? { cacheEntry } : {}),
    edges: [
      ...read.map(({ hash }, index) => (
        { direction: "consumed", slot: `in${index}`, artifact: hash } as const
      )),
      { direction: "produced", slot: "out", artifact: made.hash },
    ],
    runArtifacts: [{ path: `${node}/out`, artifact: made.hash }],
    metrics: [],
  };
}
