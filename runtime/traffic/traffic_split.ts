import { ExplainedError, listProblems } from "../../pipeline/mod.ts";
import { getVersion } from "../registry/mod.ts";
import { insertRows, selectRows, type Store } from "../store/mod.ts";

/** The part of a model's requests that one version answers. */
export interface VersionShare {
  readonly version: number;
  /** Above 0; the parts are these over their sum. */
  readonly weight: number;
}

/** How the requests of a model are shared among versions. */
export interface TrafficSplit {
  readonly name: string;
  /** In the order of versions. */
  readonly shares: readonly VersionShare[];
}

/** All splits, in the order of names. */
export async function listSplits(store: Store): Promise<readonly TrafficSplit[]> {
  const rows = await selectRows<VersionShare & { name: string }>(
    store.client,
    "SELECT name, version, weight FROM traffic_splits ORDER BY name, version",
  );
  return [...Map.groupBy(rows, ({ name }) => name)].map(([name, shares]) => ({
    name,
    shares: shares.map(({ version, weight }) => ({ version, weight })),
  }));
}

/**
 * Shares the requests of a model among versions; no shares at all: its champion alone answers again.
 *
 * @throws {ExplainedError} `traffic/bad-split`, or that a version is unknown.
 */
export async function setSplit(
  store: Store,
  { name, shares }: TrafficSplit,
  { user, why, at }: { readonly user: string; readonly why: string; readonly at: number },
): Promise<void> {
  const problems = [
    ...shares.filter(({ weight }) => !(weight > 0 && Number.isFinite(weight)))
      .map(({ version, weight }) => `the weight of version ${version} is ${weight}`),
    ...(new Set(shares.map(({ version }) => version)).size < shares.length
      ? ["a version stands in it twice"]
      : []),
    ...(shares.length === 1 ? ["one version alone is no split"] : []),
  ];
  if (problems.length > 0) {
    throw new ExplainedError("traffic/bad-split", {
      what: `Cannot share the requests of "${name}"`,
      why: listProblems(problems),
      fix: "Give two or more versions, each once, with weights above 0",
    });
  }
  for (const { version } of shares) await getVersion(store, { name, version });
  await store.write(async (transaction) => {
    await transaction.execute({ sql: "DELETE FROM traffic_splits WHERE name = ?", args: [name] });
    const rows = shares.map((share) => ({ name, ...share, at, user_id: user, why }));
    if (rows.length > 0) await insertRows(transaction, "traffic_splits", rows);
  });
}

/**
 * The version that answers a caller: always the same one for the same key, as long as the split stays.
 *
 * @param key What callers are told apart by, e.g. a user's id.
 */
export function chooseShare({ name, shares }: TrafficSplit, key: string): number {
  const sum = shares.reduce((total, { weight }) => total + weight, 0);
  let rest = placeOf(`${name}\n${key}`) * sum;
  for (const { version, weight } of shares) {
    rest -= weight;
    if (rest < 0) return version;
  }
  return shares.at(-1)!.version;
}

/** A number in [0, 1), spread evenly over keys: FNV-1a, then the last mixing of MurmurHash3. */
function placeOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return ((hash ^ hash >>> 16) >>> 0) / 2 ** 32;
}
