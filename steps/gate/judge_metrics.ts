import type { ChampionFacts, Json, Metrics, VerdictReason } from "../../pipeline/mod.ts";
import type { ChampionDemand, GateParams } from "./gate_params.ts";

/**
 * Holds metrics against demands. A missing metric, NaN and infinity meet none.
 *
 * @param champion The current champion, when one is asked for and there is one.
 * @returns One reason per demanded metric, the unmet ones first.
 */
export function judgeMetrics(
  metrics: Metrics,
  { at_least, at_most, over_champion }: GateParams,
  champion: ChampionFacts | undefined,
): readonly VerdictReason[] {
  const reasons = [
    ...boundReasons(metrics, at_least, ">="),
    ...boundReasons(metrics, at_most, "<="),
    ...over_champion === null ? [] : [championReason(metrics, over_champion, champion)],
  ];
  return [...reasons.filter(({ met }) => !met), ...reasons.filter(({ met }) => met)];
}

type Comparison = ">=" | "<=";

const KEY = { ">=": "at_least", "<=": "at_most" } as const;

function boundReasons(
  metrics: Metrics,
  bounds: Readonly<Record<string, number>>,
  comparison: Comparison,
): readonly VerdictReason[] {
  return Object.entries(bounds).flatMap(([demanded, bound]) => {
    const demand = { [KEY[comparison]]: bound };
    return namesMeant(metrics, demanded).map((metric): VerdictReason => {
      const value = metrics[metric];
      const met = holds(value, comparison, bound);
      const text = `${metric} is ${describe(value, bound)}, must be ${comparison} ${bound}`;
      return { met, text, metric, value: asValue(value), demand };
    });
  });
}

/** The metrics that a name stands for; the name itself when it is none, so that it is told as missing. */
function namesMeant(metrics: Metrics, name: string): readonly string[] {
  if (!name.endsWith("*")) return [name];
  const found = Object.keys(metrics).filter((each) => each.startsWith(name.slice(0, -1)));
  return found.length === 0 ? [name] : found;
}

function championReason(
  metrics: Metrics,
  demanded: ChampionDemand,
  champion: ChampionFacts | undefined,
): VerdictReason {
  const { model, metric, by } = demanded;
  const value = metrics[metric];
  const reason = (met: boolean, rest: string, bound: number | null): VerdictReason => ({
    met,
    text: `${metric} is ${describe(value, bound ?? NaN)}, ${rest}`,
    metric,
    value: asValue(value),
    demand: { over_champion: { model, metric, by, bound } satisfies Json },
  });
  if (champion === undefined) {
    return reason(isNumber(value), `and ${model} has no champion yet`, null);
  }
  const rival = `champion v${champion.version}`;
  const theirs = champion.metrics[metric];
  if (!isNumber(theirs)) {
    return reason(false, `and ${rival} has no ${metric} to compare with`, null);
  }
  const comparison = isBetterLower(demanded) ? "<=" : ">=";
  const bound = comparison === "<=" ? theirs - by : theirs + by;
  const margin = by === 0 ? "" : ` ${comparison === "<=" ? "minus" : "plus"} ${by}`;
  return reason(
    holds(value, comparison, bound) || isSame(value, bound),
    `must be ${comparison} ${shorten(bound)}: ${rival} has ${shorten(theirs)}${margin}`,
    bound,
  );
}

function isBetterLower({ metric, better }: ChampionDemand): boolean {
  if (better !== undefined) return better === "lower";
  return metric.endsWith("loss") || ["ece", "brier"].includes(metric);
}

function holds(value: number | undefined, comparison: Comparison, bound: number): boolean {
  if (!isNumber(value)) return false;
  return comparison === ">=" ? value >= bound : value <= bound;
}

/** Whether only the rounding of floats parts two numbers: 0.1 + 0.2 is not 0.3. */
function isSame(value: number | undefined, bound: number): boolean {
  return isNumber(value) && Math.abs(value - bound) <= 1e-12 * Math.abs(bound);
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}

function asValue(value: number | undefined): VerdictReason["value"] {
  if (value === undefined) return null;
  return isNumber(value) ? value : "NaN";
}

/** Short, but never so short that it looks like the bound it differs from. */
function describe(value: number | undefined, bound: number): string {
  if (value === undefined) return "missing";
  const short = shorten(value);
  return short === shorten(bound) && value !== bound ? String(value) : short;
}

function shorten(value: number): string {
  return Number.isNaN(value) ? "NaN" : String(Number(value.toPrecision(5)));
}
