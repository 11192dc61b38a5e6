import { insertRows, selectRows, type Store } from "../store/mod.ts";

/** A request that was kept, with what was answered. */
export interface PredictionSample {
  readonly requestId: string;
  readonly name: string;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  /** JSON, as it came. */
  readonly request: string;
  /** JSON list of `{ label, confidence }`, one a row. */
  readonly answers: string;
}

/** Keeps samples; of each model only the newest `kept`. */
export async function recordSamples(
  store: Store,
  samples: readonly PredictionSample[],
  { kept }: { readonly kept: number },
): Promise<void> {
  if (samples.length === 0) return;
  const rows = samples.map(({ requestId, durationMs, ...sample }) => (
    { request_id: requestId, duration_ms: durationMs, ...sample }
  ));
  await store.write(async (transaction) => {
    await insertRows(transaction, "prediction_samples", rows, "ON CONFLICT DO NOTHING");
    for (const name of new Set(samples.map((sample) => sample.name))) {
      await transaction.execute({
        sql: `DELETE FROM prediction_samples WHERE name = ? AND request_id NOT IN (
          SELECT request_id FROM prediction_samples WHERE name = ? ORDER BY at DESC LIMIT ?)`,
        args: [name, name, kept],
      });
    }
  });
}

/** The newest samples of a model. */
export async function listSamples(
  store: Store,
  name: string,
  { limit }: { readonly limit: number },
): Promise<PredictionSample[]> {
  return await selectRows(
    store.client,
    `${SAMPLES} WHERE name = ? ORDER BY at DESC, request_id LIMIT ?`,
    [name, limit],
  );
}

/** A sample with its place among all: one that was kept later has a larger one. */
export type PlacedSample = PredictionSample & { readonly place: number };

/**
 * Samples of one version with a place below `before`, the newest first: at least one, where there is any, and no more than
 * hold `bytes` together, as reading them lets nothing else go on.
 */
export async function listVersionSamples(
  store: Store,
  { name, version }: { readonly name: string; readonly version: number },
  { before, limit, bytes }: {
    readonly before: number;
    readonly limit: number;
    readonly bytes: number;
  },
): Promise<PlacedSample[]> {
  return await selectRows(
    store.client,
    `SELECT rowid AS place, ${COLUMNS}
     WHERE rowid IN (
       SELECT place FROM (
         SELECT place, size, sum(size) OVER (ORDER BY place DESC) AS sum FROM (
           SELECT rowid AS place, octet_length(request) + octet_length(answers) AS size
           FROM prediction_samples WHERE name = ? AND version = ? AND rowid < ?
           ORDER BY rowid DESC LIMIT ?))
       WHERE sum <= ? OR sum = size)
     ORDER BY rowid DESC`,
    [name, version, before, limit, bytes],
  );
}

/** The place of the newest sample of a version, and how many there are: while both stay, no other was kept. */
export async function newestSample(
  store: Store,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<{ readonly place: number | null; readonly kept: number }> {
  const [found] = await selectRows<{ place: number | null; kept: number }>(
    store.client,
    `SELECT max(rowid) AS place, count(*) AS kept FROM prediction_samples
     WHERE name = ? AND version = ?`,
    [name, version],
  );
  return found!;
}

/** Versions of a model of which requests were kept, the newest first. */
export async function sampledVersions(store: Store, name: string): Promise<number[]> {
  const rows = await selectRows<{ version: number }>(
    store.client,
    "SELECT DISTINCT version FROM prediction_samples WHERE name = ? ORDER BY version DESC",
    [name],
  );
  return rows.map(({ version }) => version);
}

/** The sample of a request, if it was kept. */
export async function findSample(
  store: Store,
  requestId: string,
): Promise<PredictionSample | undefined> {
  const [sample] = await selectRows<PredictionSample>(
    store.client,
    `${SAMPLES} WHERE request_id = ?`,
    [requestId],
  );
  return sample;
}

const COLUMNS = `request_id AS requestId, name, version, at, duration_ms AS durationMs,
  request, answers FROM prediction_samples`;
const SAMPLES = `SELECT ${COLUMNS}`;
