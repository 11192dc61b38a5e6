import { ExplainedError, type RegisterRequest, type RegistryPort } from "../../pipeline/mod.ts";
import { findChampion, registerVersion } from "../registry/mod.ts";
import type { RegistrationAnswer, RegistrationQuestion } from "../run_options.ts";
import type { Store } from "../store/mod.ts";

/** Who registers, and under which key a repeated registration is recognised. */
export interface Registrant {
  readonly run: string;
  readonly user: string;
  readonly idempotencyKey: string;
  /** Asks the person first. */
  readonly ask?: (question: RegistrationQuestion) => Promise<RegistrationAnswer>;
}

/** The registry as one step run may use it. */
export function registryPort(store: Store, registrant: Registrant): RegistryPort {
  return {
    async register(request) {
      const promote = await decidePromotion(store, request, registrant);
      const registered = await registerVersion(store, {
        name: request.name,
        modelArtifact: request.model.hash,
        runId: registrant.run,
        metrics: request.metrics,
        ...(request.verdict === undefined ? {} : { verdict: request.verdict }),
        ...(request.verdict?.champion === undefined
          ? {}
          : { judgedAgainst: { version: request.verdict.champion.version } }),
        ...(request.description === undefined ? {} : { description: request.description }),
        promote,
        idempotencyKey: registrant.idempotencyKey,
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
