import { recordArtifacts, type Store } from "../store/mod.ts";
import { putArtifact } from "../store/temporary_store.ts";
import { registerVersion } from "./mod.ts";

/** Registers so many versions of a model, a second between them; each is champion until the next. */
export async function registerVersions(
  store: Store,
  name: string,
  { count, runId = null }: { readonly count: number; readonly runId?: string | null },
): Promise<void> {
  for (let number = 1; number <= count; number++) {
    const artifact = await putArtifact(store, `${name} ${number}`, "model");
    await recordArtifacts(store, [artifact]);
    await registerVersion(store, {
      name,
      modelArtifact: artifact.hash,
      runId,
      metrics: { accuracy: number / (count + 1) },
      promote: "auto",
      idempotencyKey: `${name} ${number}`,
      user: "mina",
      at: number * 1000,
    });
  }
}
