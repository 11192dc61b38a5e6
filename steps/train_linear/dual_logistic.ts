import type { StepContext } from "../../pipeline/mod.ts";
import { openPace } from "../pace.ts";
import { shuffledPlaces } from "../train/batches.ts";

/** What tells one class from the rest: examples of length 1, and on which side each stands. */
export interface LogisticProblem {
  readonly starts: Int32Array;
  readonly ids: Int32Array;
  readonly values: Float32Array;
  /** 1 or -1. */
  readonly sides: Int8Array;
  readonly features: number;
}

/** How it is solved. */
export interface LogisticOptions {
  /** Weight of an error against the size of the weights: C of liblinear. */
  readonly cost: number;
  /** Passes over the examples, at most. */
  readonly passes: number;
  /** Ends it before: largest violation of the optimality conditions that is accepted. */
  readonly tolerance: number;
  readonly seed: number;
}

/** A linear score. */
export interface LinearScore {
  readonly weights: Float32Array<ArrayBuffer>;
  readonly bias: number;
}

/** Where the solver stands after a pass. */
export interface LogisticPass extends LinearScore {
  /** 1 for the first. */
  readonly pass: number;
  /** Largest violation of the optimality conditions in this pass. */
  readonly violation: number;
}

/** Newton steps for one example, at most. */
const NEWTON_STEPS = 100;

/**
 * L2-regularised logistic regression by dual coordinate descent: one dual variable for each example, brought to its
 * optimum one after the other by Newton's method. The bias is the weight of a feature that every example has.
 *
 * @returns The weights after each pass; they are the same arrays, which move on.
 * @see Yu, Huang & Lin, "Dual coordinate descent methods for logistic regression and maximum entropy models", 2011,
 * algorithm 5; liblinear's `solve_l2r_lr_dual`.
 */
export async function* solveLogistic(
  context: StepContext,
  problem: LogisticProblem,
  { cost, passes, tolerance, seed }: LogisticOptions,
): AsyncGenerator<LogisticPass, void, undefined> {
  const count = problem.starts.length - 1;
  const state = openState(problem, cost);
  const pace = openPace(context);
  const { buffer, byteOffset, length } = problem.values;
  const valueBits = new Int32Array(buffer, byteOffset, length);
  let precision = 1e-2;
  for (let pass = 1; pass <= passes; pass++) {
    let steps = 0;
    let violation = 0;
    const order = shuffledPlaces(count, { seed, epoch: pass });
    for (let at = 0; at < count; at++) {
      touch(problem, valueBits, order[Math.min(at + AHEAD, count - 1)]!);
      const row = order[at]!;
      const found = improve(problem, state, row, { cost, precision });
      steps += found.steps;
      violation = Math.max(violation, found.violation);
      const rest = pace();
      if (rest !== undefined) await rest;
    }
    yield { pass, violation, weights: state.weights, bias: state.bias };
    if (violation < tolerance) return;
    if (steps <= count / 10) precision = Math.max(1e-8, 0.1 * precision);
  }
}

interface State {
  readonly weights: Float32Array<ArrayBuffer>;
  bias: number;
  /** Dual variables of each example, and what they lack to the cost: kept apart, as either may be tiny. */
  readonly alpha: Float64Array;
  readonly rest: Float64Array;
  /** Squared length of each example, the constant feature counted. */
  readonly squares: Float64Array;
}

function openState(problem: LogisticProblem, cost: number): State {
  const { starts, values, sides, features } = problem;
  const start = Math.min(0.001 * cost, 1e-8);
  const state: State = {
    weights: new Float32Array(features),
    bias: 0,
    alpha: new Float64Array(sides.length).fill(start),
    rest: new Float64Array(sides.length).fill(cost - start),
    squares: new Float64Array(sides.length).fill(1),
  };
  for (let row = 0; row < sides.length; row++) {
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      state.squares[row]! += values[at]! * values[at]!;
    }
    move(problem, state, row, start * sides[row]!);
  }
  return state;
}

/** Brings the dual variable of one example to its optimum. */
function improve(
  problem: LogisticProblem,
  state: State,
  row: number,
  { cost, precision }: { readonly cost: number; readonly precision: number },
): { readonly steps: number; readonly violation: number } {
  const side = problem.sides[row]!;
  const a = state.squares[row]!;
  const b = side * scoreOf(problem, state, row);
  // Of the two equal ways to write the problem, the one whose solution is in the lower half is stable.
  const isUpper = 0.5 * a * (state.rest[row]! - state.alpha[row]!) + b < 0;
  const sign = isUpper ? -1 : 1;
  const before = isUpper ? state.rest[row]! : state.alpha[row]!;
  const violation = Math.abs(sign * b + Math.log(before / (cost - before)));
  let z = cost - before < 0.5 * cost ? 0.1 * before : before;
  let slope = a * (z - before) + sign * b + Math.log(z / (cost - z));
  let steps = 0;
  while (steps < NEWTON_STEPS && Math.abs(slope) >= precision) {
    const next = z - slope / (a + cost / (cost - z) / z);
    z = next <= 0 ? 0.1 * z : next;
    slope = a * (z - before) + sign * b + Math.log(z / (cost - z));
    steps++;
  }
  if (steps > 0) {
    state.alpha[row] = isUpper ? cost - z : z;
    state.rest[row] = isUpper ? z : cost - z;
    move(problem, state, row, sign * (z - before) * side);
  }
  return { steps, violation };
}

/** Examples between the one that is touched and the one that is worked on. */
const AHEAD = 4;

/** Numbers in a line of the cache. */
const LINE = 16;

/** What was touched, so that it is not left out as useless. */
let touched = 0;

/** Reads an example here and there, so that it is in the cache when its turn comes: examples follow each other in random order. */
function touch({ starts, ids }: LogisticProblem, valueBits: Int32Array, row: number): void {
  const end = starts[row + 1]!;
  for (let at = starts[row]!; at < end; at += LINE) touched ^= ids[at]! ^ valueBits[at]!;
}

function scoreOf({ starts, ids, values }: LogisticProblem, state: State, row: number): number {
  const { weights } = state;
  let score = state.bias;
  for (let at = starts[row]!; at < starts[row + 1]!; at++) {
    score += weights[ids[at]!]! * values[at]!;
  }
  return score;
}

function move(
  { starts, ids, values }: LogisticProblem,
  state: State,
  row: number,
  distance: number,
): void {
  const { weights } = state;
  for (let at = starts[row]!; at < starts[row + 1]!; at++) {
    weights[ids[at]!]! += distance * values[at]!;
  }
  state.bias += distance;
}
