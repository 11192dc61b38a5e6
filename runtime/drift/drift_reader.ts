import type { VersionId } from "../registry/mod.ts";
import type { Store } from "../store/mod.ts";
import { newestSample } from "../traffic/mod.ts";
import { type ComparedReport, compareVersion, type DriftReport } from "./compare_version.ts";
import type { NoReference } from "./find_training_data.ts";
import { type DriftReference, findReference } from "./read_reference.ts";

/** Compares versions one after the other, and remembers what it found. Disposing it waits for what is under way. */
export interface DriftReader extends AsyncDisposable {
  /**
   * How a version's requests stand. Nothing is computed when none was kept since the last time, nor right after a
   * comparison: what is told then is some seconds old.
   *
   * @throws {ExplainedError} As `findReference`.
   */
  read(id: VersionId): Promise<DriftReport>;
  /**
   * What was found last of these versions, at once. Where that is some time ago, it begins to look anew: who asks again
   * later is told that.
   */
  latest(ids: readonly VersionId[]): readonly VersionDrift[];
}

/** What was found of a version. */
export interface VersionDrift {
  readonly id: VersionId;
  readonly report: ComparedReport;
}

/** How a reader works. */
export interface DriftReaderOptions {
  /** `latest` begins to look anew after so long, in milliseconds. */
  readonly refreshMs: number;
  /** Milliseconds since any fixed moment. */
  readonly now: () => number;
}

/** A comparison that took so long is followed by so many times as long without any: nine tenths of the time are others'. */
const REST = 9;
/** Versions whose reports are kept. */
const KEPT_REPORTS = 32;
/** Versions whose references are kept: each takes up to some megabytes. */
const KEPT_REFERENCES = 4;

interface Found {
  /** The newest sample, and how many there were. */
  readonly samples: string;
  readonly report: DriftReport;
}

/** Opens a reader of a store. */
export function openDriftReader(
  store: Store,
  { refreshMs, now }: DriftReaderOptions,
): DriftReader {
  const found = new Map<string, Found>();
  const references = new Map<string, DriftReference>();
  const lookedAt = new Map<string, number>();
  const underWay = new Map<string, Promise<DriftReport>>();
  const background = new Set<Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();
  let restsUntil = -Infinity;

  const referenceOf = async (id: VersionId): Promise<DriftReference | NoReference> => {
    const key = keyOf(id);
    const reference = references.get(key) ?? await findReference(store, id);
    // What has no reference now may have one when its pipeline has run again.
    if (!("why" in reference)) keepNewest(references, key, reference, KEPT_REFERENCES);
    return reference;
  };
  const look = async (id: VersionId): Promise<DriftReport> => {
    const key = keyOf(id);
    const { place, kept } = await newestSample(store, id);
    const samples = `${place} ${kept}`;
    const known = found.get(key);
    if (known !== undefined && known.report.status !== "no-reference") {
      if (known.samples === samples || now() < restsUntil) return known.report;
    }
    const start = now();
    const report = await compareVersion(store, id, await referenceOf(id));
    restsUntil = now() + REST * (now() - start);
    keepNewest(found, key, { samples, report }, KEPT_REPORTS);
    return report;
  };
  const read = (id: VersionId): Promise<DriftReport> => {
    const key = keyOf(id);
    const joined = underWay.get(key);
    if (joined !== undefined) return joined;
    // One after the other: however many ask, predictions go on beside one comparison.
    const reading = last.then(() => look(id)).finally(() => underWay.delete(key));
    underWay.set(key, reading);
    last = reading.catch(() => {});
    return reading;
  };
  const lookAgain = async (id: VersionId): Promise<void> => {
    const { kept } = await newestSample(store, id);
    if (kept > 0) await read(id);
    else found.delete(keyOf(id));
  };
  return {
    read,
    latest(ids) {
      for (const id of ids) {
        const key = keyOf(id);
        const then = lookedAt.get(key);
        if (then !== undefined && now() - then < refreshMs) continue;
        keepNewest(lookedAt, key, now(), KEPT_REPORTS);
        // Why a version cannot be compared is told to whoever asks for its report.
        const looking = lookAgain(id).catch(() => {}).finally(() => background.delete(looking));
        background.add(looking);
      }
      return ids.flatMap((id) => {
        const report = found.get(keyOf(id))?.report;
        return report?.status === "compared" ? [{ id, report }] : [];
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(background);
      await last;
    },
  };
}

function keyOf({ name, version }: VersionId): string {
  return `${name}/${version}`;
}

/** Sets an entry, and lets go of those that were set longest ago. */
function keepNewest<Value>(
  entries: Map<string, Value>,
  key: string,
  value: Value,
  most: number,
): void {
  entries.delete(key);
  entries.set(key, value);
  for (const oldest of entries.keys()) {
    if (entries.size <= most) break;
    entries.delete(oldest);
  }
}
