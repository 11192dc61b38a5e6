/**
 * Probability that a chi-square variable is at least `statistic`: the regularised upper incomplete
 * gamma function Q(degrees / 2, statistic / 2).
 *
 * @param degrees Degrees of freedom, above 0.
 *
 * @see Press et al., "Numerical Recipes", 3rd ed., section 6.2: the series where it converges, else the continued fraction.
 */
export function chiSquareTail(statistic: number, degrees: number): number {
  const [a, x] = [degrees / 2, statistic / 2];
  if (!(x > 0)) return 1;
  if (x === Infinity) return 0;
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? Math.max(0, 1 - factor * lowerSeries(a, x)) : factor * upperFraction(a, x);
}

/** Sum of x^n / (a (a + 1) … (a + n)), from n = 0. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * Number.EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - …)), by Lentz's method. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1;; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b, tiny);
    c = awayFromZero(b + numerator / c, tiny);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) <= Number.EPSILON || n > 100_000) return fraction;
  }
}

function awayFromZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** ln Γ(x) for x > 0, to 15 digits. See Lanczos, "A precision approximation of the gamma function" (1964), g = 7, n = 9. */
function logGamma(x: number): number {
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, each, n) => total + (n === 0 ? each : each / (x + n - 1)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];
