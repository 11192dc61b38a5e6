/**
 * The error function, 2/sqrt(pi) * integral of exp(-t^2) from 0 to x, to about 1e-15.
 *
 * A Taylor series up to |x| = 3, then the continued fraction of the complement.
 *
 * @see Abramowitz & Stegun, 7.1.6 and 7.1.14.
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (size > 6) return Math.sign(x);
  if (size > 3) return Math.sign(x) * (1 - erfcFraction(size));
  let term = x;
  let sum = x;
  for (let n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

/** 1 - erf(x) for x > 3, by the continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + ...))). */
function erfcFraction(x: number): number {
  let fraction = x;
  for (let k = 60; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
