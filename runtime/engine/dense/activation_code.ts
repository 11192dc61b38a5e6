import type { Code, Local, NewLocal } from "../wasm/assemble.ts";
import { f32x4, i32x4 } from "../wasm/instructions.ts";
import type { Activation } from "./find_dense_layers.ts";

/** Puts an activation's values in the place of four numbers. */
export type ActivationCode = (numbers: Local) => Code;

/** Writes an activation, to what float32 can hold of it; NaN stays NaN. */
export function activationCode(
  activation: Exclude<Activation, "none">,
  newLocal: NewLocal,
): ActivationCode {
  if (activation === "relu") return (x) => x.set(f32x4.max(x.get, f32x4.of(0)));
  if (activation === "gelu") return geluCode(newLocal);
  const exp = expCode(newLocal);
  const one = f32x4.of(1);
  // 1 / (1 + exp(-x))
  if (activation === "sigmoid") {
    return (x) => [
      ...x.set(f32x4.mul(x.get, f32x4.of(-1))),
      ...exp(x),
      ...x.set(f32x4.div(one, f32x4.add(one, x.get))),
    ];
  }
  // 1 - 2 / (exp(2 * x) + 1)
  return (x) => [
    ...x.set(f32x4.add(x.get, x.get)),
    ...exp(x),
    ...x.set(f32x4.sub(one, f32x4.div(f32x4.of(2), f32x4.add(x.get, one)))),
  ];
}

/** Largest and smallest x with a finite exp(x) that is no subnormal number, in float32. */
const EXP_RANGE = [-87, 88] as const;
/** ln(2) in two parts: multiples of the first are exact. */
const LN2 = [0.693359375, -2.12194440e-4] as const;
/** exp(x) = 1 + x + x^2 * (…) for |x| <= ln(2) / 2, the highest power first. @see Cephes, expf. */
const EXP = [
  1.9875691500e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
];

/** exp(x) = 2^n * exp(x - n * ln(2)). */
function expCode(newLocal: NewLocal): ActivationCode {
  const [n, rest] = [newLocal("v128"), newLocal("v128")];
  return (x) => [
    ...x.set(f32x4.max(f32x4.min(x.get, f32x4.of(EXP_RANGE[1])), f32x4.of(EXP_RANGE[0]))),
    ...n.set(f32x4.nearest(f32x4.mul(x.get, f32x4.of(Math.LOG2E)))),
    ...rest.set(f32x4.sub(x.get, f32x4.mul(n.get, f32x4.of(LN2[0])))),
    ...rest.set(f32x4.sub(rest.get, f32x4.mul(n.get, f32x4.of(LN2[1])))),
    ...x.set(polynomial(rest.get, EXP)),
    ...x.set(f32x4.mul(f32x4.mul(x.get, rest.get), rest.get)),
    ...x.set(f32x4.add(f32x4.add(x.get, rest.get), f32x4.of(1))),
    // The bits of 2^n: its exponent.
    ...x.set(f32x4.mul(
      x.get,
      i32x4.shiftLeft(i32x4.truncate(f32x4.add(n.get, f32x4.of(127))), 23),
    )),
  ];
}

/** From here on erf(x) is 1 in float32. */
const ERF_END = 4;
/** erf(x) = x * p(x^2) / q(x^2) up to there, the highest powers first. @see Eigen, generic_fast_erf_float. */
const ERF_ABOVE = [
  -2.72614225801306e-10,
  2.77068142495902e-8,
  -2.10102402082508e-6,
  -5.69250639462346e-5,
  -7.34990630326855e-4,
  -2.95459980854025e-3,
  -1.60960333262415e-2,
];
const ERF_BELOW = [
  -1.45660718464996e-5,
  -2.13374055278905e-4,
  -1.68282697438203e-3,
  -7.37332916720468e-3,
  -1.42647390514189e-2,
];

/** 0.5 * x * (1 + erf(x / sqrt(2))) */
function geluCode(newLocal: NewLocal): ActivationCode {
  const [z, square, half] = [newLocal("v128"), newLocal("v128"), newLocal("v128")];
  return (x) => [
    ...half.set(f32x4.mul(x.get, f32x4.of(0.5))),
    ...z.set(f32x4.mul(x.get, f32x4.of(Math.SQRT1_2))),
    ...z.set(f32x4.max(f32x4.min(z.get, f32x4.of(ERF_END)), f32x4.of(-ERF_END))),
    ...square.set(f32x4.mul(z.get, z.get)),
    ...z.set(f32x4.mul(z.get, polynomial(square.get, ERF_ABOVE))),
    ...z.set(f32x4.div(z.get, polynomial(square.get, ERF_BELOW))),
    ...x.set(f32x4.add(half.get, f32x4.mul(half.get, z.get))),
  ];
}

/** By Horner's rule. @param x Of a variable: it is read often. @param factors The highest power's first. */
function polynomial(x: Code, [first, ...others]: readonly number[]): Code {
  return others.reduce<Code>(
    (sum, factor) => f32x4.add(f32x4.mul(sum, x), f32x4.of(factor)),
    f32x4.of(first!),
  );
}
