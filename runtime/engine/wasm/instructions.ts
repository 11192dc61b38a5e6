import { type Code, type Local, unsigned } from "./assemble.ts";

type Binary = (left: Code, right: Code) => Code;
type Unary = (value: Code) => Code;

/** Reads from memory, at the byte `address + offset`. */
type Load = (address: Code, offset?: number) => Code;
type Store = (address: Code, value: Code, offset?: number) => Code;

/** Whole numbers of 32 bits. */
export const i32: {
  readonly of: (value: number) => Code;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly isZero: Unary;
  readonly load: Load;
} = {
  of: (value) => [0x41, ...signed(value)],
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  isZero: (value) => [...value, 0x45],
  load: load([0x28]),
};

/** Numbers of single precision. */
export const f32: {
  readonly of: (value: number) => Code;
  /** The same number of a whole number. */
  readonly ofInteger: Unary;
  readonly add: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly sqrt: Unary;
  readonly isZero: Unary;
  readonly load: Load;
  readonly store: Store;
} = {
  of: (value) => [0x43, ...bytesOf(value)],
  ofInteger: (value) => [...value, 0xb2],
  add: binary(0x92),
  mul: binary(0x94),
  div: binary(0x95),
  sqrt: (value) => [...value, 0x91],
  isZero: (value) => [...value, ...f32.of(0), 0x5b],
  load: load([0x2a]),
  store: store([0x38]),
};

/** Four numbers of single precision at once. */
export const f32x4: {
  readonly of: (value: number) => Code;
  readonly splat: Unary;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly abs: Unary;
  readonly sqrt: Unary;
  readonly min: Binary;
  readonly max: Binary;
  /** To the nearest whole number; of two the even one. */
  readonly nearest: Unary;
  /** All bits of a place are 1 where `left` is the larger, else 0. */
  readonly isGreater: Binary;
  readonly load: Load;
  /** The same number four times. */
  readonly loadSplat: Load;
  readonly store: Store;
  /** The four numbers added up: one number. @param value Of a variable: it is read four times. */
  readonly total: Unary;
} = {
  of: (
    value,
  ) => [...simd(12), ...bytesOf(value), ...bytesOf(value), ...bytesOf(value), ...bytesOf(value)],
  splat: (value) => [...value, ...simd(19)],
  add: binary(...simd(228)),
  sub: binary(...simd(229)),
  mul: binary(...simd(230)),
  div: binary(...simd(231)),
  abs: (value) => [...value, ...simd(224)],
  sqrt: (value) => [...value, ...simd(227)],
  min: binary(...simd(234)), // pmin and pmax: one instruction each, and NaN on the left stays
  max: binary(...simd(235)),
  nearest: (value) => [...value, ...simd(106)],
  isGreater: binary(...simd(68)),
  load: load(simd(0)),
  loadSplat: load(simd(9)),
  store: store(simd(11)),
  total: (value) => {
    const lane = (index: number): Code => [...value, ...simd(31), index];
    return f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)));
  },
};

/** Two numbers of double precision at once. */
export const f64x2: {
  readonly add: Binary;
  readonly mul: Binary;
  /** Two numbers of single precision, made double. */
  readonly loadSingles: Load;
  readonly store: Store;
} = {
  add: binary(...simd(240)),
  mul: binary(...simd(242)),
  loadSingles: (address, offset = 0) => [...load(simd(93))(address, offset), ...simd(95)],
  store: store(simd(11)),
};

/** Four whole numbers at once. */
export const i32x4: {
  readonly splat: Unary;
  readonly equal: Binary;
  readonly add: Binary;
  readonly shiftLeft: (value: Code, bits: number) => Code;
  /** Of four numbers of single precision, without what stands behind the point. */
  readonly truncate: Unary;
} = {
  splat: (value) => [...value, ...simd(17)],
  equal: binary(...simd(55)),
  add: binary(...simd(174)),
  shiftLeft: (value, bits) => [...value, ...i32.of(bits), ...simd(171)],
  truncate: (value) => [...value, ...simd(248)],
};

/** 128 bits, whatever they mean. */
export const v128: {
  readonly and: Binary;
  /** Bits of `yes` where `mask` is 1, of `no` where it is 0. */
  readonly select: (yes: Code, no: Code, mask: Code) => Code;
} = {
  and: binary(...simd(78)),
  select: (yes, no, mask) => [...yes, ...no, ...mask, ...simd(82)],
};

/** Does `body` for `place` at `from`, `from + step` and so on below `end`; at least once. */
export function countUp(
  place: Local,
  { from, end, step, body }: {
    readonly from: Code;
    readonly end: Code;
    readonly step: number;
    readonly body: Code;
  },
): Code {
  const again = [...place.get, ...end, 0x49, 0x0d, 0]; // i32.lt_u, br_if
  return [...place.set(from), 0x03, 0x40, ...body, ...move(place, step), ...again, 0x0b];
}

/** Does `body` for `place` at `from`, `from - step` and so on down to 0; at least once. */
export function countDown(
  place: Local,
  { from, step, body }: { readonly from: Code; readonly step: number; readonly body: Code },
): Code {
  const again = [...place.get, ...i32.of(0), 0x4e, 0x0d, 0]; // i32.ge_s, br_if
  return [...place.set(from), 0x03, 0x40, ...body, ...move(place, -step), ...again, 0x0b];
}

/** Does `body` unless `condition` is true. */
export function unless(condition: Code, body: Code): Code {
  return [0x02, 0x40, ...condition, 0x0d, 0, ...body, 0x0b]; // block, br_if
}

/** Adds to a variable. */
export function move(place: Local, distance: number): Code {
  return place.set(i32.add(place.get, i32.of(distance)));
}

function binary(...operation: readonly number[]): Binary {
  return (left, right) => [...left, ...right, ...operation];
}

/** Places are only promised to be whole numbers of 4 bytes. */
const ALIGNED = 2;

function load(operation: Code): Load {
  return (address, offset = 0) => [...address, ...operation, ALIGNED, ...unsigned(offset)];
}

function store(operation: Code): Store {
  return (address, value, offset = 0) => [
    ...address,
    ...value,
    ...operation,
    ALIGNED,
    ...unsigned(offset),
  ];
}

function simd(operation: number): number[] {
  return [0xfd, ...unsigned(operation)];
}

function bytesOf(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const rest = value >> 7;
  const low = value & 0x7f;
  const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}
