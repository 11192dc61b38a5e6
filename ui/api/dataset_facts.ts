import {
  type Anomaly,
  type Attribution,
  type ColumnStatistics,
  type DatasetHandle,
  type DatasetSchema,
  didYouMean,
  type Row,
  type ValidationReport,
} from "../../pipeline/mod.ts";
import { type ArtifactRecord, openValue } from "../../runtime/artifacts/artifact_codec.ts";
import { findArtifact, getRun, listEdges, type Store } from "../../runtime/store/mod.ts";
import { RequestError } from "./error_answer.ts";

/** Rows of a dataset that are shown. */
export const SAMPLE_ROWS = 20;

/** A dataset as its page shows it. */
export interface DatasetFacts {
  readonly run_id: string;
  readonly run_name: string;
  readonly pipeline: string;
  /** `node.output`. */
  readonly address: string;
  /** Content hash of schema and rows. */
  readonly artifact: string;
  readonly row_count: number;
  readonly columns: DatasetSchema["columns"];
  readonly attribution: Attribution | null;
  readonly notes: NonNullable<DatasetSchema["notes"]>;
  /** The first rows. */
  readonly sample: readonly Row[];
  /** What a validate step of this run found out about it; `null` when none looked at it. */
  readonly statistics: {
    readonly columns: readonly ColumnStatistics[];
    readonly duplicates: number;
    readonly label: string | null;
    readonly anomalies: readonly Anomaly[];
  } | null;
}

/** A dataset that a run made. */
export interface DatasetAddress {
  readonly address: string;
  readonly artifact: string;
}

/** The datasets that the steps of a run made, in the order of the steps; one that is handed on counts once. */
export async function listDatasetAddresses(
  store: Store,
  runId: string,
): Promise<readonly DatasetAddress[]> {
  const edges = await listEdges(store, runId);
  const seen = new Set<string>();
  const found: DatasetAddress[] = [];
  for (const { node, direction, slot, artifact } of edges) {
    if (direction !== "produced" || seen.has(artifact)) continue;
    seen.add(artifact);
    if ((await findArtifact(store, artifact))?.kind !== "dataset") continue;
    found.push({ address: `${node}.${slot}`, artifact });
  }
  return found;
}

/**
 * Schema, statistics and first rows of a dataset that a run made.
 *
 * @param address `node.output`, e.g. `split.training`.
 * @throws {RequestError} 404 when the run made no such dataset, 410 when its bytes were collected.
 */
export async function getDatasetFacts(
  store: Store,
  reference: string,
  address: string,
): Promise<DatasetFacts> {
  const run = await getRun(store, reference);
  const edges = await listEdges(store, run.runId);
  const made = edges.find(({ node, direction, slot }) =>
    direction === "produced" && `${node}.${slot}` === address
  );
  const record = made === undefined ? undefined : await findArtifact(store, made.artifact);
  if (record?.kind !== "dataset") {
    const known = (await listDatasetAddresses(store, run.runId)).map(({ address }) => address);
    throw unknownDataset(address, run.runName, known);
  }
  const handle = await openDataset(store, record as ArtifactRecord & { kind: "dataset" });
  const { schema } = handle;
  const report = await findReport(store, record.hash, edges);
  return {
    run_id: run.runId,
    run_name: run.runName,
    pipeline: run.experiment,
    address,
    artifact: record.hash,
    row_count: schema.rowCount,
    columns: schema.columns,
    attribution: schema.attribution ?? null,
    notes: schema.notes ?? {},
    sample: await firstRows(handle),
    statistics: report === undefined ? null : {
      columns: report.statistics.columns,
      duplicates: report.statistics.duplicates,
      label: report.label,
      anomalies: report.anomalies,
    },
  };
}

async function openDataset(
  store: Store,
  record: ArtifactRecord & { readonly kind: "dataset" },
): Promise<DatasetHandle> {
  const isThere = await Promise.all(
    record.files.map(({ hash, size }) => store.blobs.has(hash, size)),
  );
  if (isThere.every(Boolean)) return await openValue(record, store.blobs);
  throw new RequestError(404, {
    code: "data/collected",
    what: "Cannot show this dataset",
    why: "its rows were removed, as no recent run needs them",
    fix: "Run the pipeline again: what is missing is made anew",
  });
}

async function firstRows(handle: DatasetHandle): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const row of handle.rows()) {
    rows.push(row);
    if (rows.length === SAMPLE_ROWS) break;
  }
  return rows;
}

/** The report of a step that looked at this dataset: it has the dataset as an input. */
async function findReport(
  store: Store,
  dataset: string,
  edges: Awaited<ReturnType<typeof listEdges>>,
): Promise<ValidationReport | undefined> {
  const lookers = new Set(
    edges.filter(({ direction, artifact }) => direction === "consumed" && artifact === dataset)
      .map(({ node }) => node),
  );
  for (const { node, direction, artifact } of edges) {
    if (direction !== "produced" || !lookers.has(node)) continue;
    const record = await findArtifact(store, artifact);
    if (record?.kind !== "json") continue;
    const isThere = await Promise.all(
      record.files.map(({ hash, size }) => store.blobs.has(hash, size)),
    );
    if (!isThere.every(Boolean)) continue;
    const value = await openValue(record as ArtifactRecord & { kind: "json" }, store.blobs);
    if (isReport(value)) return value;
  }
  return undefined;
}

function isReport(value: unknown): value is ValidationReport {
  const report = value as Partial<ValidationReport> | null;
  return typeof report === "object" && report !== null && Array.isArray(report.anomalies) &&
    Array.isArray(report.statistics?.columns);
}

function unknownDataset(address: string, run: string, known: readonly string[]): RequestError {
  return new RequestError(404, {
    code: "data/unknown",
    what: `Cannot find dataset "${address}"`,
    why: `run ${run} made no such dataset${didYouMean(address, known)}`,
    fix: known.length === 0 ? "Choose another run" : `It made ${known.join(", ")}`,
  }, known);
}
