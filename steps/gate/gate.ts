import { champion, defineStep, type Step, type VerdictReason } from "../../pipeline/mod.ts";
import { demandedMetrics, type GateGiven, type GateParams, gateParams } from "./gate_params.ts";
import { judgeMetrics } from "./judge_metrics.ts";

/**
 * Holds the metrics of a model against demands. The verdict is an artifact like any other: when it has not passed,
 * what depends on it is skipped, and the run ends as gated.
 */
export const gate: Step<
  { readonly metrics: "metrics" },
  { readonly verdict: "verdict" },
  GateGiven,
  GateParams
> = defineStep({
  module: import.meta.url,
  name: "gate",
  inputs: { metrics: "metrics" },
  outputs: { verdict: "verdict" },
  params: gateParams,
  reads: ({ over_champion }) => over_champion === null ? [] : [champion(over_champion.model)],
  demands: demandedMetrics,
  run(context, { metrics }, params) {
    const { over_champion } = params;
    const rival = over_champion === null ? undefined : context.champion(over_champion.model);
    const reasons = judgeMetrics(metrics, params, rival);
    const passed = reasons.every(({ met }) => met);
    context.summary(summaryOf(reasons));
    const judgedAgainst = over_champion === null
      ? {}
      : { champion: { model: over_champion.model, version: rival?.version ?? null } };
    return Promise.resolve({ verdict: { passed, reasons, ...judgedAgainst } });
  },
});

/** The first reason and how many are like it; the unmet ones come first. */
function summaryOf(reasons: readonly VerdictReason[]): string {
  const { met, text } = reasons[0]!;
  const others = reasons.filter((reason) => reason.met === met).length - 1;
  return `${met ? "passed" : "failed"} · ${text}${others === 0 ? "" : ` · and ${others} more`}`;
}
