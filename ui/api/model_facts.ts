import {
  listModels,
  listVersions,
  type ModelVersion,
  type RegisteredModel,
  type VersionChange,
  versionHistory,
  type VersionState,
} from "../../runtime/registry/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";
import { jsonMetrics, type JsonNumbers } from "./json_numbers.ts";
import { isoTime } from "./run_facts.ts";

/** One version of a model. */
export interface VersionFacts {
  readonly model: string;
  readonly version: number;
  readonly state: VersionState;
  readonly aliases: readonly string[];
  /** ISO-8601 UTC. */
  readonly created_at: string;
  readonly user: string | null;
  /** The run that made it. */
  readonly run_id: string | null;
  readonly description: string;
  /** Metrics it was registered with. */
  readonly metrics: JsonNumbers;
}

/** A registered model as lists show it. */
export interface ModelFacts {
  readonly name: string;
  readonly description: string;
  /** Alias to version. */
  readonly aliases: Readonly<Record<string, number>>;
  readonly version_count: number;
  readonly latest_version: number | null;
  /** ISO-8601 UTC. */
  readonly updated_at: string;
  /** The version that speaks for it: its champion, else its newest. */
  readonly shown: VersionFacts | null;
}

/** Something that happened to a model. */
export interface HistoryFacts {
  readonly at: string;
  readonly user: string;
  readonly why: string;
  /** The alias that moved; `null` for a change of state. */
  readonly alias: string | null;
  /** The version whose state changed; `null` for an alias. */
  readonly version: number | null;
  readonly from: number | string | null;
  readonly to: number | string | null;
}

/** Everything the registry knows of a model. */
export interface ModelDetail extends ModelFacts {
  /** Newest first. */
  readonly versions: readonly VersionFacts[];
  /** Newest first. */
  readonly history: readonly HistoryFacts[];
}

/** All models, those that changed last first. */
export async function listModelFacts(store: Store): Promise<readonly ModelFacts[]> {
  const models = await listModels(store);
  models.sort((a, b) => b.lastUpdatedTime - a.lastUpdatedTime);
  return await Promise.all(
    models.map(async (model) => modelFacts(model, await listVersions(store, model.name))),
  );
}

/** One model with its versions and history, or `undefined` when there is none of this name. */
export async function findModelDetail(
  store: Store,
  name: string,
): Promise<ModelDetail | undefined> {
  const model = (await listModels(store)).find((each) => each.name === name);
  if (model === undefined) return undefined;
  const versions = await listVersions(store, name);
  return {
    ...modelFacts(model, versions),
    versions: versions.map(versionFacts),
    history: await readHistory(store, name, versions),
  };
}

/** The versions that a run made. */
export async function listVersionsOfRun(
  store: Store,
  runId: string,
): Promise<readonly VersionFacts[]> {
  const models = await listModels(store);
  const versions = await Promise.all(models.map(({ name }) => listVersions(store, name)));
  return versions.flat().filter((version) => version.runId === runId).map(versionFacts);
}

function modelFacts(model: RegisteredModel, versions: readonly ModelVersion[]): ModelFacts {
  const shown = versions.find(({ aliases }) => aliases.includes("champion")) ?? versions[0];
  return {
    name: model.name,
    description: model.description,
    aliases: model.aliases,
    version_count: model.versions,
    latest_version: model.latestVersion,
    updated_at: isoTime(model.lastUpdatedTime),
    shown: shown === undefined ? null : versionFacts(shown),
  };
}

function versionFacts(version: ModelVersion): VersionFacts {
  return {
    model: version.name,
    version: version.version,
    state: version.state,
    aliases: version.aliases,
    created_at: isoTime(version.creationTime),
    user: version.userId,
    run_id: version.runId,
    description: version.description,
    metrics: jsonMetrics(Object.entries(version.metrics)),
  };
}

/** Newest first. A change of state does not say of which version it is: only the history of one version does. */
async function readHistory(
  store: Store,
  name: string,
  versions: readonly ModelVersion[],
): Promise<readonly HistoryFacts[]> {
  const moves = (await versionHistory(store, name))
    .filter(({ alias }) => alias !== null)
    .map((move) => historyFacts(move, null));
  const states = await Promise.all(versions.map(async ({ version }) => {
    const changes = await versionHistory(store, name, version);
    return changes.filter(({ alias }) => alias === null)
      .map((change) => historyFacts(change, version));
  }));
  return [...states.flat(), ...moves].sort((a, b) => a.at < b.at ? 1 : a.at > b.at ? -1 : 0);
}

function historyFacts(change: VersionChange, version: number | null): HistoryFacts {
  const { at, user, why, alias, from, to } = change;
  return { at: isoTime(at), user, why, alias, version, from, to };
}
