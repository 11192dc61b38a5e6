import type { ServingPorts } from "./load_model.ts";

/** Ports that stay open while models are loaded from them. */
export type OpenServingPorts = ServingPorts & AsyncDisposable;

/** Opens what models need to answer: the engine on the CPU, and the preprocessing. */
export async function openServingPorts(
  { threads }: { readonly threads: number },
): Promise<OpenServingPorts> {
  const [{ openEngine }, { openPreprocessing }] = await Promise.all([
    import("../engine/mod.ts"),
    import("../preprocessing/mod.ts"),
  ]);
  const engine = await openEngine("cpu", { threads });
  return {
    engine,
    preprocessing: openPreprocessing(),
    [Symbol.asyncDispose]: () => Promise.resolve(engine[Symbol.asyncDispose]()),
  };
}
