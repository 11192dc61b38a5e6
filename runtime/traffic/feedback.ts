import { insertRows, selectRows, type Store } from "../store/mod.ts";

/** What was right for a row of a request. */
export interface Feedback {
  readonly requestId: string;
  /** Place of the row in the request, from 0. */
  readonly row: number;
  readonly name: string;
  readonly version: number;
  /** What the model said. */
  readonly label: string;
  readonly truth: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly user: string;
}

/** How often a version was right, as far as anybody told. */
export interface LiveAccuracy {
  readonly version: number;
  readonly told: number;
  readonly right: number;
}

/** Keeps what was right. Told again, the last word counts. */
export async function recordFeedback(store: Store, feedback: readonly Feedback[]): Promise<void> {
  if (feedback.length === 0) return;
  const rows = feedback.map(({ requestId, user, ...each }) => (
    { request_id: requestId, user_id: user, ...each }
  ));
  await store.write((transaction) =>
    insertRows(
      transaction,
      "prediction_feedback",
      rows,
      "ON CONFLICT DO UPDATE SET truth = excluded.truth, at = excluded.at, user_id = excluded.user_id",
    )
  );
}

/** The accuracy of a model's versions from what was told, the newest version first. */
export async function liveAccuracy(
  store: Store,
  name: string,
  { limit = -1 }: {
    /** Only the newest versions of which something was told. @default all */
    readonly limit?: number;
  } = {},
): Promise<LiveAccuracy[]> {
  return await selectRows(
    store.client,
    `SELECT version, count(*) AS told, sum(label = truth) AS "right" FROM prediction_feedback
     WHERE name = ? GROUP BY version ORDER BY version DESC LIMIT ?`,
    [name, limit],
  );
}
