import { type Code, defineFunction, type Local, type WasmFunction } from "../wasm/assemble.ts";
import { countDown, countUp, f32, f32x4, i32, i32x4, v128 } from "../wasm/instructions.ts";
import { BYTES, type Places } from "./recurrence_memory.ts";
import { quadsOf } from "./sum_kernels.ts";

/** 0 reads from the first character on, 1 from the last one. */
export type Direction = 0 | 1;

/** Below any state. */
const LOWEST = -3e38;

/** Where the numbers of one direction lie. */
interface DirectionPlaces {
  /** States of the first character; forget gates are a half row further. */
  readonly states: number;
  readonly peaks: number;
  /** Last states; the largest and the means follow. */
  readonly features: number;
  readonly featureGradients: number;
  readonly gateScale: number;
  readonly gateShift: number;
  readonly gateScaleGradients: number;
  readonly gateShiftGradients: number;
  /** From a character to the one that was read before it, in bytes. */
  readonly before: number;
}

function directionPlaces(places: Places, width: number, direction: Direction): DirectionPlaces {
  const row = 2 * width * BYTES;
  const half = direction * width * BYTES;
  const states = direction === 0 ? places.forwardStates : places.backwardStates;
  return {
    states: states.at + row,
    peaks: places.peaks.at + half,
    features: places.features.at + 3 * half,
    featureGradients: places.featureGradients.at + 3 * half,
    gateScale: places.gateScale.at + half,
    gateShift: places.gateShift.at + half,
    gateScaleGradients: places.gateScaleGradients.at + half,
    gateShiftGradients: places.gateShiftGradients.at + half,
    before: direction === 0 ? -row : row,
  };
}

/** `forward0(length)` or `forward1(length)`: runs one direction of the recurrence and writes its features. */
export function stateKernel(places: Places, width: number, direction: Direction): WasmFunction {
  const own = directionPlaces(places, width, direction);
  const row = 2 * width * BYTES;
  const none = i32.of(0);
  return defineFunction(`forward${direction}`, ["i32"], (newLocal, length) => {
    const at = newLocal("i32");
    const v = () => newLocal("v128");
    const [state, largest, sum, peak] = [v(), v(), v(), v()];
    const [scale, shift, gate, forget] = [v(), v(), v(), v()];
    const [value, isLarger] = [v(), v()];
    const quad = (offset: number): Code => {
      const read = [
        ...value.set(f32x4.load(at.get, places.sums.at + offset)),
        ...gate.set(f32x4.load(at.get, places.sums.at + row / 2 + offset)),
        ...gate.set(f32x4.add(f32x4.mul(scale.get, gate.get), shift.get)),
        ...forget.set(softsignGate(gate.get)),
        ...value.set(f32x4.sub(value.get, f32x4.mul(forget.get, value.get))),
        ...state.set(f32x4.add(f32x4.mul(forget.get, state.get), value.get)),
        ...f32x4.store(at.get, state.get, own.states + offset),
        ...f32x4.store(at.get, forget.get, own.states + row / 2 + offset),
        ...sum.set(f32x4.add(sum.get, state.get)),
        ...isLarger.set(f32x4.isGreater(state.get, largest.get)),
        ...largest.set(f32x4.max(largest.get, state.get)),
        ...peak.set(v128.select(i32x4.splat(at.get), peak.get, isLarger.get)),
      ];
      const mean = f32x4.mul(sum.get, f32x4.splat(f32.div(f32.of(2), f32.ofInteger(length.get))));
      const { before } = own;
      const beforeFirst = direction === 0
        ? f32x4.store(none, f32x4.of(0), own.states + before + offset)
        : f32x4.store(i32.mul(length.get, i32.of(row)), f32x4.of(0), own.states + offset);
      return [
        ...beforeFirst,
        ...scale.set(f32x4.load(none, own.gateScale + offset)),
        ...shift.set(f32x4.load(none, own.gateShift + offset)),
        ...state.set(f32x4.of(0)),
        ...sum.set(f32x4.of(0)),
        ...largest.set(f32x4.of(LOWEST)),
        ...overRows(at, { length, row, direction, body: read }),
        ...f32x4.store(none, peak.get, own.peaks + offset),
        ...f32x4.store(none, state.get, own.features + offset),
        ...f32x4.store(none, largest.get, own.features + row / 2 + offset),
        ...f32x4.store(none, mean, own.features + row + offset),
      ];
    };
    return quadsOf(width).flatMap(quad);
  });
}

/** `backward0(length)`, then `backward1(length)`: gradients of the sums and gates, from those of the features. */
export function stateGradientKernel(
  places: Places,
  width: number,
  direction: Direction,
): WasmFunction {
  const own = directionPlaces(places, width, direction);
  const row = 2 * width * BYTES;
  const none = i32.of(0);
  const back: Direction = direction === 0 ? 1 : 0;
  return defineFunction(`backward${direction}`, ["i32"], (newLocal, length) => {
    const at = newLocal("i32");
    const v = () => newLocal("v128");
    const [peak, peakSlope, mean, gradient, scale] = [v(), v(), v(), v(), v()];
    const [forget, slope, gate, scaleGradient, shiftGradient] = [v(), v(), v(), v(), v()];
    const one = f32x4.of(1);
    const quad = (offset: number): Code => {
      const value = f32x4.load(at.get, places.sums.at + offset);
      const gateSum = f32x4.load(at.get, places.sums.at + row / 2 + offset);
      const before = f32x4.load(at.get, own.states + own.before + offset);
      const add = (region: number, term: Code): Code => {
        const sum = direction === 0 ? term : f32x4.add(f32x4.load(at.get, region), term);
        return f32x4.store(at.get, sum, region);
      };
      const isPeak = i32x4.equal(i32x4.splat(at.get), peak.get);
      const read = [
        ...gradient.set(f32x4.add(gradient.get, mean.get)),
        ...gradient.set(f32x4.add(gradient.get, v128.and(isPeak, peakSlope.get))),
        ...forget.set(f32x4.load(at.get, own.states + row / 2 + offset)),
        // df/du = 0.5 / (1 + |u|)², and 1 / (1 + |u|) = 1 - |2 f - 1|: no division.
        ...slope.set(
          f32x4.sub(one, f32x4.abs(f32x4.sub(f32x4.add(forget.get, forget.get), one))),
        ),
        ...gate.set(f32x4.mul(f32x4.mul(f32x4.of(0.5), gradient.get), f32x4.sub(before, value))),
        ...gate.set(f32x4.mul(gate.get, f32x4.mul(slope.get, slope.get))),
        ...add(
          places.sumGradients.at + offset,
          f32x4.mul(gradient.get, f32x4.sub(one, forget.get)),
        ),
        ...add(places.sumGradients.at + row / 2 + offset, f32x4.mul(gate.get, scale.get)),
        ...scaleGradient.set(f32x4.add(scaleGradient.get, f32x4.mul(gate.get, gateSum))),
        ...shiftGradient.set(f32x4.add(shiftGradient.get, gate.get)),
        ...gradient.set(f32x4.mul(gradient.get, forget.get)),
      ];
      const twice = f32x4.splat(f32.div(f32.of(2), f32.ofInteger(length.get)));
      const keep = (region: number, sum: Local): Code =>
        f32x4.store(none, f32x4.add(f32x4.load(none, region + offset), sum.get), region + offset);
      return [
        ...scale.set(f32x4.load(none, own.gateScale + offset)),
        ...peak.set(f32x4.load(none, own.peaks + offset)),
        ...gradient.set(f32x4.load(none, own.featureGradients + offset)),
        ...peakSlope.set(f32x4.load(none, own.featureGradients + row / 2 + offset)),
        ...mean.set(f32x4.mul(f32x4.load(none, own.featureGradients + row + offset), twice)),
        ...scaleGradient.set(f32x4.of(0)),
        ...shiftGradient.set(f32x4.of(0)),
        ...overRows(at, { length, row, direction: back, body: read }),
        ...keep(own.gateScaleGradients, scaleGradient),
        ...keep(own.gateShiftGradients, shiftGradient),
      ];
    };
    return quadsOf(width).flatMap(quad);
  });
}

/** 0.5 + 0.5 u / (1 + |u|) */
function softsignGate(u: Code): Code {
  const half = f32x4.of(0.5);
  const sign = f32x4.div(u, f32x4.add(f32x4.of(1), f32x4.abs(u)));
  return f32x4.add(half, f32x4.mul(half, sign));
}

/** @param at Counts bytes of rows. */
function overRows(
  at: Local,
  { length, row, direction, body }: {
    readonly length: Local;
    readonly row: number;
    readonly direction: Direction;
    readonly body: Code;
  },
): Code {
  const bytes = i32.mul(length.get, i32.of(row));
  return direction === 0
    ? countUp(at, { from: i32.of(0), end: bytes, step: row, body })
    : countDown(at, { from: i32.sub(bytes, i32.of(row)), step: row, body });
}
