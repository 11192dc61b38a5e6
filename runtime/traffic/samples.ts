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

const SAMPLES = `SELECT request_id AS requestId, name, version, at, duration_ms AS durationMs,
  request, answers FROM prediction_samples`;
