import { z } from "zod";

/** A demand on being better than the current champion. */
export interface ChampionDemand {
  /** Registered model whose champion is to be beaten. */
  readonly model: string;
  readonly metric: string;
  /** How much better, in units of the metric; 0: as good is enough. @default 0 */
  readonly by: number;
  /** Which way is better. @default "lower" for losses and errors (`*loss`, `ece`, `brier`), else "higher" */
  readonly better?: "higher" | "lower";
}

/** Params of the gate step, defaults filled in. */
export interface GateParams {
  /** Smallest value by metric; a name that ends in `*` demands every metric that begins so, and that there is one. */
  readonly at_least: Readonly<Record<string, number>>;
  /** Largest value by metric, named in the same way. */
  readonly at_most: Readonly<Record<string, number>>;
  /** @default null: the champion is not asked */
  readonly over_champion: ChampionDemand | null;
}

/** Params of the gate step as a pipeline gives them: at least one demand. */
export interface GateGiven {
  readonly at_least?: GateParams["at_least"] | undefined;
  readonly at_most?: GateParams["at_most"] | undefined;
  readonly over_champion?:
    | Omit<ChampionDemand, "by"> & { readonly by?: number | undefined }
    | null
    | undefined;
}

const bounds = z.record(z.string().min(1), z.number());

/** Schema of the gate step's params. */
export const gateParams: z.ZodType<GateParams, GateGiven> = z.strictObject({
  at_least: bounds.default({}),
  at_most: bounds.default({}),
  over_champion: z.strictObject({
    model: z.string().min(1),
    metric: z.string().regex(/^[^*]+$/, "names one metric"),
    by: z.number().min(0).default(0),
    better: z.enum(["higher", "lower"]).exactOptional(),
  }).nullable().default(null),
}).refine((params) => demandedMetrics(params).length > 0, {
  message: "demands nothing: give at_least, at_most or over_champion",
});

/** Names of the metrics that a gate demands, each once. */
export function demandedMetrics(
  { at_least, at_most, over_champion }: GateParams,
): readonly string[] {
  const names = [...Object.keys(at_least), ...Object.keys(at_most)];
  if (over_champion !== null) names.push(over_champion.metric);
  return [...new Set(names)];
}
