import {
  ExplainedError,
  type Json,
  type RegisterRequest,
  type RegistryPort,
} from "../../pipeline/mod.ts";
import { findChampion, registerVersion } from "../registry/mod.ts";
import type { RegistrationAnswer, RegistrationQuestion } from "../run_options.ts";
import { recordArtifacts, type Store } from "../store/mod.ts";
import type { RegisteringStep } from "./run_world.ts";

/** Who registers. */
export interface Registrant {
  readonly run: string;
  readonly user: string;
  /** Asks the person first. */
  readonly ask?: (question: RegistrationQuestion) => Promise<RegistrationAnswer>;
}

/** The registry as one step run may use it: asked twice with one cache key, it registers once. */
export function registryPort(
  store: Store,
  { cacheKey, recordModel }: RegisteringStep,
  registrant: Registrant,
): RegistryPort {
  return {
    async register(request) {
      const promote = await decidePromotion(store, request, registrant);
      // A step can register a model of its own making: the registry points at what the store knows.
      const model = await recordModel(request.model);
      await recordArtifacts(store, [model]);
      const registered = await registerVersion(store, {
        name: request.name,
        modelArtifact: model.hash,
        runId: registrant.run,
        metrics: request.metrics,
        ...(request.verdict === undefined ? {} : { verdict: request.verdict as unknown as Json }),
        ...(request.verdict?.champion === undefined
          ? {}
          : { judgedAgainst: { version: request.verdict.champion.version } }),
        ...(request.description === undefined ? {} : { description: request.description }),
        promote,
        idempotencyKey: cacheKey,
        user: registrant.user,
        at: Date.now(),
      });
      const { name, version, aliases } = registered;
      return { name, version, aliases };
    },
  };
}

async function decidePromotion(
  store: Store,
  { name, metrics, promote }: RegisterRequest,
  { ask }: Registrant,
): Promise<RegisterRequest["promote"]> {
  if (ask === undefined) return promote;
  const champion = (await findChampion(store, name))?.version ?? null;
  const answer = await ask({ model: name, metrics, champion, promote });
  if (answer.register) return answer.alias === "champion" ? "auto" : "approve";
  throw new ExplainedError("register/declined", {
    what: `Cannot register "${name}"`,
    why: "you said no",
    fix: "Run again with --interactive to be asked again",
  });
}
