import {
  listModels,
  type ListPart,
  listShownVersions,
  type ModelChange,
  type ModelVersion,
  pageHistory,
  pageVersions,
  type RegisteredModel,
  versionsOfRun,
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
  /** Newest first, a part of them; `version_count` says how many there are. */
  readonly versions: readonly VersionFacts[];
  /** How many newer versions were left out. */
  readonly offset: number;
  /** How many versions were asked for. */
  readonly limit: number;
  /** Newest first; the last things that happened. */
  readonly history: readonly HistoryFacts[];
}

/** All models, those that changed last first. */
export async function listModelFacts(store: Store): Promise<readonly ModelFacts[]> {
  const [models, shown] = await Promise.all([listModels(store), listShownVersions(store)]);
  const byName = new Map(shown.map((version) => [version.name, version]));
  return models
    .sort((a, b) => b.lastUpdatedTime - a.lastUpdatedTime)
    .map((model) => modelFacts(model, byName.get(model.name)));
}

/** Versions that one answer lists, unless it is asked for others. */
const NEWEST_VERSIONS: ListPart = { limit: 500, offset: 0 };
/** Changes that one answer tells. */
const NEWEST_CHANGES: ListPart = { limit: 300, offset: 0 };

/** One model with its versions and history, or `undefined` when there is none of this name. */
export async function findModelDetail(
  store: Store,
  name: string,
  part: ListPart = NEWEST_VERSIONS,
): Promise<ModelDetail | undefined> {
  const model = (await listModels(store)).find((each) => each.name === name);
  if (model === undefined) return undefined;
  const [shown, versions, history] = await Promise.all([
    listShownVersions(store, name),
    pageVersions(store, name, part),
    pageHistory(store, name, NEWEST_CHANGES),
  ]);
  return {
    ...modelFacts(model, shown[0]),
    versions: versions.map(versionFacts),
    ...part,
    history: history.map(historyFacts),
  };
}

/** The versions that a run made. */
export async function listVersionsOfRun(
  store: Store,
  runId: string,
): Promise<readonly VersionFacts[]> {
  return (await versionsOfRun(store, runId)).map(versionFacts);
}

function modelFacts(model: RegisteredModel, shown: ModelVersion | undefined): ModelFacts {
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

function historyFacts({ at, ...change }: ModelChange): HistoryFacts {
  return { at: isoTime(at), ...change };
}
