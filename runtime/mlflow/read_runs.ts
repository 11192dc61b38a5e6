import type { Cell, Store } from "../store/mod.ts";
import type { StoredPoint } from "./metric_points.ts";
import type { KeyValue } from "./run_log.ts";

/** A run as MLflow's protocol writes it. What is not set is left out. */
export interface WireRun {
  readonly info: WireRunInfo;
  readonly data: {
    readonly metrics?: readonly StoredPoint[];
    readonly params?: readonly KeyValue[];
    readonly tags?: readonly KeyValue[];
  };
  readonly inputs: {
    readonly dataset_inputs?: readonly WireDatasetInput[];
    readonly model_inputs?: readonly { readonly model_id: string }[];
  };
  readonly outputs?: {
    readonly model_outputs: readonly { readonly model_id: string; readonly step: number }[];
  };
}

/** Facts of a run. Times are milliseconds since 1970. */
export interface WireRunInfo {
  readonly run_id: string;
  readonly run_uuid: string;
  readonly run_name: string;
  readonly experiment_id: string;
  readonly user_id: string;
  readonly status: string;
  readonly start_time: number;
  readonly end_time?: number;
  readonly artifact_uri: string;
  readonly lifecycle_stage: string;
}

interface WireDatasetInput {
  readonly tags?: readonly KeyValue[];
  readonly dataset: Readonly<Record<string, string>>;
}

/** Runs by their ids, in that order; those that are not there are left out. */
export async function readRuns(store: Store, runIds: readonly string[]): Promise<WireRun[]> {
  if (runIds.length === 0) return [];
  const ids = [JSON.stringify(runIds)];
  const infos = await readInfos(store, runIds);
  const params = await groups(store, keyValues("run_params"), ids, keyValue);
  const tags = await groups(store, keyValues("run_tags"), ids, keyValue);
  const metrics = await groups(
    store,
    `SELECT i.key, t.key, t.value, t.timestamp, t.step, t.is_nan ${ofRuns("latest_metrics")}`,
    ids,
    latestPoint,
  );
  const inputs = await groups(
    store,
    `SELECT i.key, t.tags, d.name, d.digest, d.source_type, d.source, d.schema, d.profile
     ${ofRuns("run_inputs")} JOIN datasets d ON d.dataset_id = t.dataset_id
     ORDER BY i.key, d.dataset_id`,
    ids,
    datasetInput,
  );
  const models = await groups(
    store,
    `SELECT i.key, t.direction, t.model_id, t.step ${ofRuns("run_models")}
     ORDER BY i.key, t.step, t.model_id`,
    ids,
    (row) => ({ direction: row[1], model_id: row[2] as string, step: row[3] as number }),
  );
  const places = new Map(runIds.map((id, place) => [id, place]));
  return infos.map((info) => {
    const id = places.get(info.run_id)!;
    const read = models.get(id)?.filter(({ direction }) => direction === "input") ?? [];
    const made = models.get(id)?.filter(({ direction }) => direction === "output") ?? [];
    return {
      info,
      data: {
        ...filled("metrics", metrics.get(id)),
        ...filled("params", params.get(id)),
        ...filled("tags", tags.get(id)),
      },
      inputs: {
        ...filled("dataset_inputs", inputs.get(id)),
        ...(read.length === 0 ? {} : { model_inputs: read.map(({ model_id }) => ({ model_id })) }),
      },
      ...(made.length === 0
        ? {}
        : { outputs: { model_outputs: made.map(({ model_id, step }) => ({ model_id, step })) } }),
    };
  });
}

/** Facts of runs by their ids, in that order; those that are not there are left out. */
export async function readInfos(store: Store, runIds: readonly string[]): Promise<WireRunInfo[]> {
  const rows = await store.cells(
    `SELECT r.run_id, r.run_name, r.experiment_id, r.user_id, r.status, r.start_time, r.end_time,
       r.artifact_uri, r.lifecycle_stage
     FROM json_each(?) i JOIN runs r ON r.run_id = i.value ORDER BY i.key`,
    [JSON.stringify(runIds)],
  );
  return rows.map(([id, name, experiment, user, status, start, end, uri, stage]) => ({
    run_uuid: id as string,
    experiment_id: String(experiment),
    run_name: name as string,
    user_id: user as string,
    status: status as string,
    start_time: start as number,
    ...(end === null ? {} : { end_time: end as number }),
    artifact_uri: uri as string,
    lifecycle_stage: stage as string,
    run_id: id as string,
  }));
}

/**
 * Rows of the runs asked for come with the place of their run in the list: a number costs less than an id for every row.
 * The ids lead, and the index of each table gives what belongs to one in the order of its keys.
 */
function ofRuns(table: string): string {
  return `FROM json_each(?) i CROSS JOIN ${table} t ON t.run_id = i.value`;
}

function keyValues(table: string): string {
  return `SELECT i.key, t.key, t.value ${ofRuns(table)}`;
}

async function groups<Item>(
  store: Store,
  sql: string,
  ids: readonly Cell[],
  make: (row: readonly Cell[]) => Item,
): Promise<ReadonlyMap<number, readonly Item[]>> {
  const found = new Map<number, Item[]>();
  let place: Cell | undefined;
  let list: Item[] = [];
  for (const row of await store.cells(sql, ids)) {
    if (row[0] !== place) {
      place = row[0]!;
      list = [];
      found.set(place as number, list);
    }
    list.push(make(row));
  }
  return found;
}

function keyValue([, key, value]: readonly Cell[]): KeyValue {
  return { key: key as string, value: value as string };
}

function latestPoint([, key, value, timestamp, step, isNan]: readonly Cell[]): StoredPoint {
  return {
    key: key as string,
    value: isNan === 1 ? "NaN" : value as number,
    timestamp: timestamp as number,
    step: step as number,
  };
}

function datasetInput([, tags, ...values]: readonly Cell[]): WireDatasetInput {
  const names = ["name", "digest", "source_type", "source", "schema", "profile"];
  const list = Object.entries(JSON.parse(tags as string) as Record<string, string>)
    .map(([key, value]) => ({ key, value }));
  return {
    ...filled("tags", list),
    dataset: Object.fromEntries(
      names.flatMap((name, index) =>
        values[index] === null ? [] : [[name, values[index] as string]]
      ),
    ),
  };
}

/** Empty lists are left out of an answer. */
function filled<Name extends string, Item>(
  name: Name,
  list: readonly Item[] | undefined,
): { readonly [Key in Name]?: readonly Item[] } {
  return list === undefined || list.length === 0
    ? {}
    : { [name]: list } as { readonly [Key in Name]?: readonly Item[] };
}
