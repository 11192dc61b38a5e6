import { type Assignment, type Expression, parseElementRule } from "./element_rule.ts";

/** Runs a rule over the elements of arrays of one length, in place. */
export type ElementLoop = (
  arrays: readonly Float32Array[],
  scalars: readonly number[],
) => void;

/** Elements that are worked on at a time: few enough to stay in the fastest cache. */
const BLOCK = 2048;
/** Numbers in `s`. */
export const SCALARS = 16;
const START = SCALARS * 4; // bytes; the arrays lie behind the scalars

/**
 * Compiles a rule to WebAssembly that works on four elements at once: about four times as fast as the same loop in JavaScript, which
 * computes in double precision one by one.
 *
 * @param names What the rule calls the elements of the arrays, in the order in which they will be given.
 * @throws {SyntaxError} If the rule reads or changes a name that it does not have.
 */
export function openElementLoop(names: readonly string[], rule: string): ElementLoop {
  const statements = parseElementRule(rule);
  const module = new WebAssembly.Module(moduleBytes(names, statements));
  const { memory, run } = new WebAssembly.Instance(module).exports as {
    memory: WebAssembly.Memory;
    run: (bytes: number) => void;
  };
  const changed = names.map((name) => statements.some((item) => item.name === name && !item.isNew));
  const given = new Float32Array(memory.buffer, 0, SCALARS);
  const blocks = names.map((_, k) => new Float32Array(memory.buffer, START + k * BLOCK * 4, BLOCK));
  return (arrays, scalars) => {
    given.fill(0);
    given.set(scalars);
    const { length } = arrays[0]!;
    for (let start = 0; start < length; start += BLOCK) {
      const end = Math.min(length, start + BLOCK);
      arrays.forEach((array, k) => blocks[k]!.set(array.subarray(start, end)));
      run((end - start) * 4);
      arrays.forEach((array, k) => {
        if (!changed[k]) return;
        array.set(end - start === BLOCK ? blocks[k]! : blocks[k]!.subarray(0, end - start), start);
      });
    }
  };
}

const V128 = 0x7b;
const I32 = 0x7f;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const operations = { "+": 228, "-": 229, "*": 230, "/": 231 } as const; // f32x4
const SQRT = 227; // f32x4

/** @see https://webassembly.github.io/spec/core/binary/ */
function moduleBytes(
  names: readonly string[],
  statements: readonly Assignment[],
): Uint8Array<ArrayBuffer> {
  const { body, vectors } = loopBody(names, statements);
  const pages = Math.ceil((START + names.length * BLOCK * 4) / 65536);
  const code = [2, ...[1, I32], ...[...unsigned(vectors), V128], ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 1, I32, 0]), // (i32) -> ()
    ...section(3, [1, 0]),
    ...section(5, [1, 0x00, pages]),
    ...section(7, [2, ...text("memory"), 0x02, 0, ...text("run"), 0x00, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

/** Local 0 is the number of bytes of an array, local 1 the place in it, and then come vectors. */
function loopBody(
  names: readonly string[],
  statements: readonly Assignment[],
): { body: number[]; vectors: number } {
  const locals = new Map<string, number>();
  const local = (name: string): number => {
    const found = locals.get(name) ?? locals.size + 2;
    locals.set(name, found);
    return found;
  };
  const before: number[] = [];
  for (const index of scalarsOf(statements)) { // once, before the loop: v128.load32_splat
    before.push(I32_CONST, 0, ...simd(9), 2, ...unsigned(index * 4));
    before.push(LOCAL_SET, ...unsigned(local(`s[${index}]`)));
  }
  const place = (k: number): number[] => [4, ...unsigned(START + k * BLOCK * 4)];
  const loop: number[] = [];
  names.forEach((name, k) => { // v128.load
    loop.push(LOCAL_GET, 1, ...simd(0), ...place(k), LOCAL_SET, ...unsigned(local(name)));
  });
  for (const { name, isNew, value } of statements) {
    const code = expressionCode(value, locals);
    if (isNew === locals.has(name)) throw new SyntaxError(`"${name}" cannot be set`);
    loop.push(...code, LOCAL_SET, ...unsigned(local(name)));
  }
  names.forEach((name, k) => { // v128.store
    if (!statements.some((item) => item.name === name)) return;
    loop.push(LOCAL_GET, 1, LOCAL_GET, ...unsigned(local(name)), ...simd(11), ...place(k));
  });
  loop.push(LOCAL_GET, 1, I32_CONST, 16, 0x6a, LOCAL_TEE, 1, LOCAL_GET, 0, 0x49, 0x0d, 0); // again while below
  return { body: [...before, 0x03, 0x40, ...loop, 0x0b], vectors: locals.size };
}

function expressionCode(value: Expression, locals: ReadonlyMap<string, number>): number[] {
  const get = (name: string): number[] => {
    const found = locals.get(name);
    if (found === undefined) throw new SyntaxError(`"${name}" has no value`);
    return [LOCAL_GET, ...unsigned(found)];
  };
  switch (value.kind) {
    case "number": {
      const bytes = new Uint8Array(Float32Array.of(value.value).buffer);
      return [...simd(12), ...bytes, ...bytes, ...bytes, ...bytes];
    }
    case "scalar":
      return get(`s[${value.index}]`);
    case "name":
      return get(value.name);
    case "sqrt":
      return [...expressionCode(value.of, locals), ...simd(SQRT)];
    default:
      return [
        ...expressionCode(value.left, locals),
        ...expressionCode(value.right, locals),
        ...simd(operations[value.kind]),
      ];
  }
}

function scalarsOf(statements: readonly Assignment[]): Set<number> {
  const found = new Set<number>();
  const visit = (value: Expression): void => {
    if (value.kind === "scalar") found.add(value.index);
    else if (value.kind === "sqrt") visit(value.of);
    else if ("left" in value) [value.left, value.right].forEach(visit);
  };
  for (const { value } of statements) visit(value);
  return found;
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  return [value.length, ...new TextEncoder().encode(value)];
}

function simd(operation: number): number[] {
  return [0xfd, ...unsigned(operation)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...unsigned(Math.floor(value / 128))];
}
