/** WebAssembly instructions in a row; those of an expression leave its value on the stack. */
export type Code = readonly number[];

/** A number, or four numbers of single precision side by side. */
export type WasmType = "i32" | "f32" | "v128";

/** A variable of a function. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** A function of a module; it returns nothing. */
export interface WasmFunction {
  readonly name: string;
  readonly params: readonly WasmType[];
  readonly locals: readonly WasmType[];
  readonly body: Code;
}

/** Makes variables while a function is written. */
export type NewLocal = (type: WasmType) => Local;

const TYPES: Readonly<Record<WasmType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** Writes a function. @param write Gets its params as variables. */
export function defineFunction(
  name: string,
  params: readonly WasmType[],
  write: (newLocal: NewLocal, ...params: readonly Local[]) => Code,
): WasmFunction {
  const locals: WasmType[] = [];
  const newLocal: NewLocal = (type) => {
    locals.push(type);
    return localAt(params.length + locals.length - 1);
  };
  const body = write(newLocal, ...params.map((_, index) => localAt(index)));
  return { name, params, locals, body };
}

function localAt(index: number): Local {
  return {
    get: [0x20, ...unsigned(index)],
    set: (value) => [...value, 0x21, ...unsigned(index)],
  };
}

/**
 * Writes a module that exports its functions and its `memory`.
 *
 * @param bytes Size of the memory.
 * @see https://webassembly.github.io/spec/core/binary/
 */
export function assembleModule(
  bytes: number,
  functions: readonly WasmFunction[],
): Uint8Array<ArrayBuffer> {
  const types = functions.map((
    { params },
  ) => [0x60, ...list(params.map((type) => [TYPES[type]])), 0]);
  const exports = functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, TYPES[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(5, list([[0x00, ...unsigned(Math.ceil(bytes / PAGE))]])),
    ...section(7, list([[...text("memory"), 0x02, 0], ...exports])),
    ...section(10, list(bodies)),
  ]);
}

const PAGE = 65536; // bytes

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return [value.length, ...new TextEncoder().encode(value)];
}

/** LEB128. */
export function unsigned(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...unsigned(Math.floor(value / 128))];
}
