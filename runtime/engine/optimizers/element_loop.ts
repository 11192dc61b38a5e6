import {
  assembleModule,
  type Code,
  defineFunction,
  type Local,
  type WasmFunction,
} from "../wasm/assemble.ts";
import { countUp, f32x4, i32 } from "../wasm/instructions.ts";
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
  const module = new WebAssembly.Module(
    assembleModule(START + names.length * BLOCK * 4, [runFunction(names, statements)]),
  );
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

/** Writes `run(bytes)`: the loop over arrays of so many bytes. */
function runFunction(names: readonly string[], statements: readonly Assignment[]): WasmFunction {
  return defineFunction("run", ["i32"], (newLocal, bytes) => {
    const place = newLocal("i32");
    const locals = new Map<string, Local>();
    const local = (name: string): Local => {
      const found = locals.get(name) ?? newLocal("v128");
      locals.set(name, found);
      return found;
    };
    const before: number[] = [];
    for (const index of scalarsOf(statements)) {
      before.push(...local(`s[${index}]`).set(f32x4.loadSplat(i32.of(0), index * 4)));
    }
    const blockAt = (k: number): number => START + k * BLOCK * 4;
    const loop: number[] = [];
    names.forEach((name, k) => {
      loop.push(...local(name).set(f32x4.load(place.get, blockAt(k))));
    });
    for (const { name, isNew, value } of statements) {
      const code = expressionCode(value, locals);
      if (isNew === locals.has(name)) throw new SyntaxError(`"${name}" cannot be set`);
      loop.push(...local(name).set(code));
    }
    names.forEach((name, k) => {
      if (!statements.some((item) => item.name === name)) return;
      loop.push(...f32x4.store(place.get, local(name).get, blockAt(k)));
    });
    const all = { from: i32.of(0), end: bytes!.get, step: 16, body: loop };
    return [...before, ...countUp(place, all)];
  });
}

function expressionCode(value: Expression, locals: ReadonlyMap<string, Local>): Code {
  const get = (name: string): Code => {
    const found = locals.get(name);
    if (found === undefined) throw new SyntaxError(`"${name}" has no value`);
    return found.get;
  };
  switch (value.kind) {
    case "number":
      return f32x4.of(value.value);
    case "scalar":
      return get(`s[${value.index}]`);
    case "name":
      return get(value.name);
    case "sqrt":
      return f32x4.sqrt(expressionCode(value.of, locals));
    default:
      return operations[value.kind](
        expressionCode(value.left, locals),
        expressionCode(value.right, locals),
      );
  }
}

const operations = { "+": f32x4.add, "-": f32x4.sub, "*": f32x4.mul, "/": f32x4.div } as const;

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
