import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import {
  type DatasetHandle,
  type Evaluation,
  type FittedPreprocessing,
  type FolderHandle,
  labelText,
  MODEL_FILES,
  type ModelSignature,
} from "../../pipeline/mod.ts";
import { type ArtifactRecord, openFolder, openValue } from "../artifacts/artifact_codec.ts";
import { trace } from "../lineage/mod.ts";
import { getVersion, type VersionId } from "../registry/mod.ts";
import { parseSignature } from "../serving/mod.ts";
import { findArtifact, selectRows, type Store } from "../store/mod.ts";
import { openFeatureCollector } from "./collect_features.ts";
import { findTrainingData, type NoReference } from "./find_training_data.ts";
import type { CategoryValues, FeatureValues } from "./feature_values.ts";
import { openTurns, type Turn } from "./turns.ts";

/** What a version's requests are compared with. */
export interface DriftReference {
  readonly signature: ModelSignature;
  /** The dataset it was trained on: the run and step output that made it, and its content hash. */
  readonly dataset: {
    readonly runId: string;
    readonly address: string;
    readonly artifact: string;
    readonly rows: number;
  };
  /** Reads a sample of the dataset's rows, once. */
  readRows(turn: Turn): Promise<ReferenceRows>;
}

/** A sample of the rows that a version was trained on. */
export interface ReferenceRows {
  readonly rows: number;
  readonly features: ReadonlyMap<string, FeatureValues>;
  /** Classes that it answered when it was evaluated; where that is not known, the labels it was trained on. */
  readonly prediction:
    | { readonly of: "evaluation" | "labels"; readonly values: CategoryValues }
    | null;
}

/** Rows that are read of a dataset at most, spread over it as evenly as may be. */
export const REFERENCE_ROWS = 5000;
/** Cells that are read at most: of a dataset of many columns fewer rows. */
export const MOST_CELLS = 500_000;
/** Cells that are read before others may have their turn: some tenths of a millisecond. */
const CELLS_AT_ONCE = 500;
/** Rows that are looked at. */
const LOOKED_AT = 200_000;
/** Always the same rows. */
const SEED = 7;

/** Name of the feature that holds the classes a model answered. */
export const PREDICTION = "prediction";

/**
 * Finds the dataset that a version was trained on, by its lineage.
 *
 * @param options.turn Asked between the parts of the search.
 * @throws {ExplainedError} `registry/unknown-…`, or that a file is damaged.
 */
export async function findReference(
  store: Store,
  id: VersionId,
  { turn = openTurns() }: { readonly turn?: Turn } = {},
): Promise<DriftReference | NoReference> {
  const { artifactHash } = await getVersion(store, id);
  const model = artifactHash === null ? undefined : await findArtifact(store, artifactHash);
  if (!model?.files.some(({ path }) => path === MODEL_FILES.signature)) return IMPORTED;
  const folder = openFolder(model as ArtifactRecord, store.blobs);
  const signature = parseSignature(await folder.readJson(MODEL_FILES.signature));
  await turn();
  const graph = await trace(store, id, "ancestors");
  await turn();
  if (!graph.nodes.some(({ type }) => type === "step-run")) return IMPORTED;
  const found = await findTrainingData(store, graph, signature.inputs.map(({ name }) => name));
  if ("why" in found) return found;
  const { handle, runId, address } = found;
  const read = async (turn: Turn): Promise<ReferenceRows> => {
    const answered = await readAnswered(store, model.hash);
    const label = answered === undefined ? await readLabelColumn(folder) : undefined;
    const { labels, ...sample } = await readSample(handle, { signature, label, turn });
    return { ...sample, prediction: answered ?? labelsOf(labels) };
  };
  let reading: Promise<ReferenceRows> | undefined;
  return {
    signature,
    dataset: { runId, address, artifact: handle.hash, rows: handle.schema.rowCount },
    readRows(turn) {
      reading ??= read(turn);
      reading.catch(() => reading = undefined);
      return reading;
    },
  };
}

async function readLabelColumn(folder: FolderHandle): Promise<string> {
  const fitted = await folder.readJson(MODEL_FILES.preprocessing);
  return (fitted as unknown as FittedPreprocessing).label.column;
}

const IMPORTED: NoReference = {
  why: "no run in this store made this version: it was imported, or registered from elsewhere",
  fix: "Run its pipeline here: lineage then leads to the data it was trained on",
};

interface RowSample {
  readonly rows: number;
  readonly features: ReadonlyMap<string, FeatureValues>;
  readonly labels: ReadonlyMap<string, number>;
}

async function readSample(
  handle: DatasetHandle,
  { signature: { inputs }, label, turn }: {
    readonly signature: ModelSignature;
    readonly label: string | undefined;
    readonly turn: Turn;
  },
): Promise<RowSample> {
  const collector = openFeatureCollector(inputs);
  const labels = new Map<string, number>();
  const wanted = Math.min(REFERENCE_ROWS, Math.max(100, Math.floor(MOST_CELLS / inputs.length)));
  const stride = Math.ceil(Math.min(handle.schema.rowCount, LOOKED_AT) / wanted);
  const rowsAtOnce = Math.max(1, Math.floor(CELLS_AT_ONCE / handle.schema.columns.length));
  const random = xoroshiro128plus(SEED);
  let [seen, rows, chosen] = [0, 0, 0];
  for await (const row of handle.rows()) {
    // Of every stretch another row: rows that repeat with a period are all met.
    if (seen % stride === 0) chosen = seen + uniformInt(random, 0, stride - 1);
    if (seen++ === chosen) {
      rows++;
      collector.take(row);
      const cell = label === undefined ? null : row[label];
      if (cell !== null && cell !== undefined) {
        const name = labelText(cell);
        labels.set(name, (labels.get(name) ?? 0) + 1);
      }
    }
    if (seen === LOOKED_AT) break;
    if (seen % rowsAtOnce === 0) await turn();
  }
  return { rows, features: await collector.finish(turn), labels };
}

/** Classes that a model answered when a step evaluated it last. */
async function readAnswered(
  store: Store,
  model: string,
): Promise<ReferenceRows["prediction"] | undefined> {
  const [made] = await selectRows<{ hash: string }>(
    store.client,
    `SELECT a.hash FROM lineage_edges c
     JOIN lineage_edges p ON p.run_id = c.run_id AND p.node = c.node AND p.direction = 'produced'
     JOIN artifacts a ON a.hash = p.artifact_hash AND a.kind = 'evaluation'
     WHERE c.direction = 'consumed' AND c.artifact_hash = ? ORDER BY p.rowid DESC LIMIT 1`,
    [model],
  );
  const record = made === undefined ? undefined : await findArtifact(store, made.hash);
  if (record === undefined) return undefined;
  const isThere = await Promise.all(
    record.files.map(({ hash, size }) => store.blobs.has(hash, size)),
  );
  if (!isThere.every(Boolean)) return undefined;
  const { labels, confusion }: Evaluation = await openValue(
    record as ArtifactRecord & { kind: "evaluation" },
    store.blobs,
  );
  const counts = new Map(labels.map((name, place) => [
    name,
    confusion.reduce((sum, actual) => sum + (actual[place] ?? 0), 0),
  ]));
  return { of: "evaluation", values: { kind: "categories", feature: PREDICTION, counts } };
}

function labelsOf(counts: ReadonlyMap<string, number>): ReferenceRows["prediction"] {
  if (counts.size === 0) return null;
  return { of: "labels", values: { kind: "categories", feature: PREDICTION, counts } };
}
