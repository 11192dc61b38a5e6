/**
 * The value below which a share of numbers lies, linear between neighbours, as numpy's default.
 *
 * @param sorted At least one number.
 * @param share 0 to 1; 0.5 is the median.
 */
export function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  const part = place - Math.floor(place);
  return below * (1 - part) + above * part;
}
