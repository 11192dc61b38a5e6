import { type NewArtifact, recordArtifacts, type Store } from "../store/mod.ts";
import { putArtifact } from "../store/temporary_store.ts";
import { registerVersion } from "./mod.ts";

/** Registers a model of one small file, and makes it champion. */
export async function registerChampion(
  store: Store,
  name: string,
  text: string,
): Promise<NewArtifact> {
  const model = await putArtifact(store, text, "model");
  await recordArtifacts(store, [model]);
  await registerVersion(store, {
    name,
    modelArtifact: model.hash,
    runId: null,
    metrics: {},
    promote: "auto",
    idempotencyKey: `${name} ${text}`,
    user: "mina",
    at: 1,
  });
  return model;
}
