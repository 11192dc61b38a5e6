/** Metrics people look for first, in this order. */
const FIRST = ["accuracy", "f1_macro", "f1", "roc_auc", "log_loss", "r2", "rmse", "mae"] as const;

/**
 * Names of metrics, those that say most in front: what a gate demanded, then the usual ones, then
 * the rest as they come. The terminal and the pages show them in this order.
 */
export function sortMetricNames(
  names: readonly string[],
  demanded: ReadonlySet<string> = new Set(),
): readonly string[] {
  const rank = (name: string): number => {
    if (demanded.has(name)) return -1;
    const place = (FIRST as readonly string[]).indexOf(name);
    return place === -1 ? FIRST.length : place;
  };
  return names.toSorted((a, b) => rank(a) - rank(b));
}
