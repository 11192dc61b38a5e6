import type { Verdict } from "../../pipeline/mod.ts";
import { type ModelVersion, selectVersions } from "../registry/mod.ts";
import { findArtifact, type Store } from "../store/mod.ts";
import type { RemoteRun } from "./remote_run.ts";
import { RemoteRefusal, type RemoteServer } from "./remote_server.ts";
import { sendFiles } from "./send_files.ts";

/** Tags of a version on the server: which of ours it is, and that its aliases were set. */
const KEY = "hanok.version_key";
const SETTLED = "hanok.aliases_set";

/**
 * Registers the versions that a run made, with their aliases, once. A version that was judged against our champion becomes the server's
 * only when that is the server's champion, too: else it would replace a model that nobody compared it with.
 *
 * @returns What was left undone, for people.
 */
export async function sendModels(
  store: Store,
  server: RemoteServer,
  { runId, remote }: { readonly runId: string; readonly remote: RemoteRun },
): Promise<readonly string[]> {
  const remarks: string[] = [];
  for (const version of await selectVersions(store.client, "v.run_id = ?", [runId])) {
    if (version.artifactHash === null) continue;
    const sent = await findSent(server, version) ??
      await register(store, server, { version, remote });
    if (sent.tags?.some(({ key }) => key === SETTLED)) continue;
    const id = { name: version.name, version: sent.version };
    for (const alias of version.aliases) {
      const rival = alias === "champion" ? await findUnjudged(store, server, version) : undefined;
      if (rival === undefined) await server.post("registered-models/alias", { ...id, alias });
      else {
        remarks.push(
          `${id.name} version ${id.version} stays candidate at ${server.url}: champion there is version ${rival}, ` +
            "which the gate did not judge it against; compare the two, and promote it there",
        );
      }
    }
    await server.post("model-versions/set-tag", { ...id, key: SETTLED, value: "yes" });
  }
  return remarks;
}

/** The server's champion, when a version was judged against another one; else `undefined`. */
async function findUnjudged(
  store: Store,
  server: RemoteServer,
  { name, verdict }: ModelVersion,
): Promise<string | undefined> {
  const { champion: judged } = (verdict ?? {}) as Pick<Partial<Verdict>, "champion">;
  if (judged === undefined) return undefined; // it was to be good in itself
  const there = await findChampionThere(server, name);
  if (there === undefined) return undefined;
  const [ours] = judged.version === null ? [] : await selectVersions(
    store.client,
    "v.name = ? AND v.version = ?",
    [name, judged.version],
  );
  const isSame = ours !== undefined &&
    there.tags?.some(({ key, value }) => key === KEY && value === keyOf(ours));
  return isSame ? undefined : there.version;
}

async function findChampionThere(
  server: RemoteServer,
  name: string,
): Promise<SentVersion | undefined> {
  try {
    const { model_version } = await server.get("registered-models/alias", {
      name,
      alias: "champion",
    });
    return model_version;
  } catch (error) {
    if (error instanceof RemoteRefusal) return undefined;
    throw error;
  }
}

interface SentVersion {
  readonly version: string;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
}

async function findSent(
  server: RemoteServer,
  { name, idempotencyKey, version }: ModelVersion,
): Promise<SentVersion | undefined> {
  const key = keyOf({ idempotencyKey, version });
  const { model_versions = [] } = await server.get("model-versions/search", {
    filter: `name = ${quote(name)} AND tags.\`${KEY}\` = ${quote(key)}`,
    max_results: "1",
  });
  return model_versions[0];
}

async function register(
  store: Store,
  server: RemoteServer,
  { version, remote }: { readonly version: ModelVersion; readonly remote: RemoteRun },
): Promise<SentVersion> {
  const { name, artifactHash, description, tags, metrics } = version;
  const artifact = await findArtifact(store, artifactHash!);
  const folder = `models/${name.replaceAll(/[^\w-]/g, "_")}-${version.version}`;
  const root = `${remote.artifactUri}/${folder}`;
  await sendFiles(store, server, { files: artifact?.files ?? [], remote, folder });
  try {
    await server.post("registered-models/create", { name });
  } catch (error) {
    const isThere = error instanceof RemoteRefusal && error.errorCode === "RESOURCE_ALREADY_EXISTS";
    if (!isThere) throw error;
  }
  const texts = Object.entries({
    ...tags,
    ...Object.fromEntries(
      Object.entries(metrics).map(([key, value]) => [`metric/${key}`, `${value}`]),
    ),
    [KEY]: keyOf(version),
  });
  const { model_version } = await server.post("model-versions/create", {
    name,
    source: root,
    run_id: remote.runId,
    description,
    tags: texts.map(([key, value]) => ({ key, value })),
  });
  return model_version;
}

function keyOf({ idempotencyKey, version }: Pick<ModelVersion, "idempotencyKey" | "version">) {
  return idempotencyKey ?? `version ${version}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
