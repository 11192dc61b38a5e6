import {
  countChanges,
  countModels,
  findModel,
  findSpeakers,
  hadOtherChampion,
  listModels,
  listOutstanding,
  listVersions,
  listVersionsOfRun as listMadeBy,
  type ModelQuery,
  type ModelVersion,
  type RegisteredModel,
  type VersionChange,
  versionHistory,
  type VersionState,
} from "../../runtime/registry/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";
import { jsonMetrics, type JsonNumbers } from "./json_numbers.ts";
import { isoTime, onePageMore, type Page, pageOf, type PageQuery } from "./run_facts.ts";

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

/** What the registry knows of a model: a page of its versions, and one of its history. */
export interface ModelDetail extends ModelFacts {
  /** Newest first. */
  readonly versions: Page<VersionFacts>;
  /** Newest first. */
  readonly history: Page<HistoryFacts>;
  /** How many changes the whole history has. */
  readonly change_count: number;
  /** Whether there was a champion before the present one. */
  readonly can_roll_back: boolean;
}

/** Models, those that changed last first, and how many there are. */
export async function listModelFacts(
  store: Store,
  { limit, offset, ...query }: PageQuery & Pick<ModelQuery, "alias">,
): Promise<Page<ModelFacts> & { readonly count: number }> {
  const asked = onePageMore({ limit, offset });
  const models = await listModels(store, { ...query, ...asked, order: "changed last" });
  const page = pageOf(models, { limit, offset });
  const speakers = await findSpeakers(store, page.items.map(({ name }) => name));
  return {
    ...page,
    items: page.items.map((model) => modelFacts(model, speakers.get(model.name))),
    count: await countModels(store),
  };
}

/** One model as lists show it, or `undefined` when there is none of this name. */
export async function findModelFacts(store: Store, name: string): Promise<ModelFacts | undefined> {
  const model = await findModel(store, name);
  if (model === undefined) return undefined;
  return modelFacts(model, (await findSpeakers(store, [name])).get(name));
}

/** One model with versions and history, or `undefined` when there is none of this name. */
export async function findModelDetail(
  store: Store,
  name: string,
  pages: { readonly versions: PageQuery; readonly history: PageQuery },
): Promise<ModelDetail | undefined> {
  const facts = await findModelFacts(store, name);
  if (facts === undefined) return undefined;
  const versions = await listVersions(store, name, onePageMore(pages.versions));
  const history = await versionHistory(store, name, onePageMore(pages.history));
  return {
    ...facts,
    versions: pageOf(versions.map(versionFacts), pages.versions),
    history: pageOf(history.map(historyFacts), pages.history),
    change_count: await countChanges(store, name),
    can_roll_back: await hadOtherChampion(store, name),
  };
}

/** The versions that a run made. */
export async function listVersionsOfRun(
  store: Store,
  runId: string,
): Promise<readonly VersionFacts[]> {
  return (await listMadeBy(store, runId)).map(versionFacts);
}

/** Of a model's versions those that a form offers: the newest, those with an alias, and some more. Newest first. */
export async function listOfferedVersions(
  store: Store,
  name: string,
  also: readonly number[],
): Promise<readonly VersionFacts[]> {
  return (await listOutstanding(store, name, { newest: NEWEST_OFFERED, also })).map(versionFacts);
}

const NEWEST_OFFERED = 20;

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

function historyFacts(change: VersionChange): HistoryFacts {
  const { at, user, why, alias, version, from, to } = change;
  return { at: isoTime(at), user, why, alias, version, from, to };
}
