import { dirname, join } from "node:path";
import { sha256 } from "../cache/content_hash.ts";
import type { RunCard, RunSummary } from "../executor/run_summary.ts";
import type { LineageEdge, MetricPoint, RunArtifact, RunInput, StepRun } from "../store/mod.ts";
import type { Stamp } from "./file_stamps.ts";

/**
 * Everything a finished run depended on, and what it would record again: when nothing of it has
 * changed, the next run needs neither the pipeline's modules nor its keys.
 */
export interface Manifest {
  /** Of this form; another one is ignored. */
  readonly form: 1;
  readonly framework: string;
  readonly deno: string;
  /** Files whose stamps must be as they were: modules, lock, configs, data. */
  readonly files: readonly (readonly [path: string, stamp: Stamp])[];
  /** Folder of the pipeline and the YAML files beside it: one more could be the config. */
  readonly configs: readonly [folder: string, paths: readonly string[]];
  /** Blobs that must be there: path and bytes. */
  readonly blobs: readonly (readonly [path: string, size: number])[];
  /** Cache entries that must still count. */
  readonly cacheKeys: readonly string[];
  /** Model to the champion's version that must be the champion still. */
  readonly champions: readonly (readonly [model: string, version: number | null])[];
  /** Names of secrets that must be set. */
  readonly secrets: readonly string[];
  readonly projectFolder: string;
  /** What a run like this one records. */
  readonly rows: ManifestRows;
  readonly summary: Omit<RunSummary, "run_id" | "run_name" | "duration_ms">;
  readonly card: RunCard;
  readonly exitCode: 0 | 3;
}

/** Rows of a run in which every step was cached, without its id and times. */
export interface ManifestRows {
  readonly experiment: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string | number | boolean | null>>;
  readonly steps: readonly {
    readonly stepRun: Omit<StepRun, "runId" | "startedAt" | "endedAt">;
    readonly edges: readonly LineageEdge[];
    readonly runArtifacts: readonly RunArtifact[];
    readonly metrics: readonly Omit<MetricPoint, "timestamp">[];
  }[];
  readonly runArtifacts: readonly RunArtifact[];
  readonly inputs: readonly RunInput[];
}

/** What decides which manifest belongs to a command. */
export interface ManifestKey {
  readonly cwd: string;
  readonly target: string | null;
  readonly config: string | null;
  readonly set: readonly string[];
  readonly engine: string;
  readonly threads: number;
}

// Deno's own file functions: importing node:fs or node:crypto costs more than reading the file.

/** Path of the manifest for a command. */
export async function manifestPath(storeFolder: string, key: ManifestKey): Promise<string> {
  const { cwd, target, config, set, engine, threads } = key;
  const text = JSON.stringify([cwd, target, config, set, engine, threads]);
  const hash = await sha256(new TextEncoder().encode(text));
  return join(storeFolder, "manifests", `${hash.slice(0, 32)}.json`);
}

/** The manifest at a path, or `undefined` when there is none that can be read. */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await Deno.readTextFile(path)) as Manifest;
    return manifest.form === 1 ? manifest : undefined;
  } catch {
    // Missing, or damaged by a crash or a hand: the long way works without it.
    return undefined;
  }
}

/** Writes a manifest; a reader never sees half of it. */
export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  await Deno.writeTextFile(temporary, JSON.stringify(manifest));
  await Deno.rename(temporary, path);
}
