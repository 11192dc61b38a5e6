import type { ServingPorts } from "./load_model.ts";
import { openWorkerRunner } from "./worker_runner.ts";

/** Ports that stay open while models are loaded from them. */
export type OpenServingPorts = ServingPorts & AsyncDisposable;

/** How many CPU threads one operator of a model may use. */
export interface ServingThreads {
  /** Of a model that runs in the thread of its caller. */
  readonly threads: number;
  /** Of a model in a thread of its own. @default threads */
  readonly threadsApart?: number;
}

/** Opens what models need to answer: the engine on the CPU, and the preprocessing. */
export async function openServingPorts(
  { threads, threadsApart = threads }: ServingThreads,
): Promise<OpenServingPorts> {
  const [{ openEngine }, { openPreprocessing }] = await Promise.all([
    import("../engine/mod.ts"),
    import("../preprocessing/mod.ts"),
  ]);
  const engine = await openEngine("cpu", { threads });
  return {
    engine,
    preprocessing: openPreprocessing(),
    openApart: (parts) => openWorkerRunner(parts, { threads: threadsApart }),
    [Symbol.asyncDispose]: () => Promise.resolve(engine[Symbol.asyncDispose]()),
  };
}
