import type { ModelSignature } from "../../pipeline/mod.ts";
import type { VersionId } from "../registry/mod.ts";
import { checkInput } from "../serving/mod.ts";
import type { Store } from "../store/mod.ts";
import { listVersionSamples } from "../traffic/mod.ts";
import { openFeatureCollector } from "./collect_features.ts";
import type { CategoryValues, FeatureValues } from "./feature_values.ts";
import { MOST_CELLS, PREDICTION, REFERENCE_ROWS } from "./read_reference.ts";
import type { Turn } from "./turns.ts";

/** What a version was asked, as far as it was kept. */
export interface ServedRows {
  readonly requests: number;
  readonly rows: number;
  /** When the oldest and the newest of these requests came, in milliseconds since 1970. */
  readonly from: number | null;
  readonly to: number | null;
  readonly features: ReadonlyMap<string, FeatureValues>;
  readonly prediction: CategoryValues;
}

/** Samples that are read at once, and how many bytes: each may hold 64 KiB. */
const AT_ONCE = { limit: 50, bytes: 100_000 } as const;
/** Rows that are taken before others may have their turn. */
const ROWS_AT_ONCE = 8;

/** Reads the rows of the newest requests to a version that were kept, with what it answered. */
export async function readServedRows(
  store: Store,
  id: VersionId,
  { signature, turn }: { readonly signature: ModelSignature; readonly turn: Turn },
): Promise<ServedRows> {
  const collector = openFeatureCollector(signature.inputs);
  const counts = new Map<string, number>();
  const most = Math.min(REFERENCE_ROWS, Math.max(100, MOST_CELLS / signature.inputs.length));
  let [requests, rows] = [0, 0];
  let [from, to]: [number | null, number | null] = [null, null];
  let before = Number.MAX_SAFE_INTEGER;
  while (rows < most) {
    const samples = await listVersionSamples(store, id, { before, ...AT_ONCE });
    if (samples.length === 0) break;
    for (const { place, at, request, answers } of samples) {
      await turn();
      before = place;
      const checked = checkInput(signature, JSON.parse(request));
      // What a version once took it takes for ever: a sample that does not fit is none of its.
      if (!checked.ok) continue;
      requests++;
      [from, to] = [Math.min(from ?? at, at), Math.max(to ?? at, at)];
      for (const [index, row] of checked.rows.entries()) {
        if (index % ROWS_AT_ONCE === 0) await turn();
        collector.take(row);
      }
      rows += checked.rows.length;
      for (const { label } of JSON.parse(answers) as { readonly label: string }[]) {
        counts.set(label, (counts.get(label) ?? 0) + 1);
      }
      if (rows >= most) break;
    }
  }
  const prediction = { kind: "categories", feature: PREDICTION, counts } as const;
  return { requests, rows, from, to, features: await collector.finish(turn), prediction };
}
