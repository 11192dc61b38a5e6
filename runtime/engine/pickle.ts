/** A global that a pickle names; nothing is looked up or run. */
export interface PickledGlobal {
  readonly kind: "global";
  readonly name: string;
}

/** A reference to data outside the pickle. */
export interface PersistentReference {
  readonly kind: "persistent";
  readonly id: PickledValue;
}

/** What an allowed call gives back. */
export interface PickledCall {
  readonly kind: "call";
  readonly global: string;
  readonly args: readonly PickledValue[];
}

/** What a pickle of tensors can hold. */
export type PickledValue =
  | null
  | boolean
  | number
  | string
  | readonly PickledValue[]
  | Map<PickledValue, PickledValue>
  | PickledGlobal
  | PersistentReference
  | PickledCall;

const MARK = Symbol("mark");

/** A stack machine over the opcodes of protocol 2 that tensors need. */
interface Machine {
  readonly view: DataView;
  at: number;
  readonly stack: (PickledValue | typeof MARK)[];
  readonly memo: Map<number, PickledValue>;
  readonly allowed: ReadonlySet<string>;
}

/**
 * Reads a pickle without running anything: calls of allowed globals become data, any other global or opcode is refused.
 *
 * @param allowed Globals such as `collections.OrderedDict`.
 * @throws {RangeError | TypeError} If it is damaged, or names what is not allowed.
 */
export function readPickle(bytes: Uint8Array, allowed: ReadonlySet<string>): PickledValue {
  return readPickleAt(bytes, 0, allowed).value;
}

/** Reads the pickle that begins at a byte. @returns Also where it ends. */
export function readPickleAt(
  bytes: Uint8Array,
  at: number,
  allowed: ReadonlySet<string>,
): { readonly value: PickledValue; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machine: Machine = { view, at, stack: [], memo: new Map(), allowed };
  while (machine.at < bytes.byteLength) {
    const code = view.getUint8(machine.at++);
    if (code === 0x2e) return { value: pop(machine), end: machine.at }; // STOP
    const opcode = opcodes[code];
    if (opcode === undefined) {
      throw new TypeError(`the pickle holds the opcode 0x${code.toString(16)}`);
    }
    opcode(machine);
  }
  throw new RangeError("the pickle does not end");
}

const push = (value: (m: Machine) => PickledValue) => (m: Machine): void => {
  m.stack.push(value(m));
};

const opcodes: Readonly<Record<number, (m: Machine) => void>> = {
  0x80: (m) => void number(m, 1), // PROTO
  0x28: (m) => void m.stack.push(MARK), // MARK
  0x4e: push(() => null), // NONE
  0x88: push(() => true), // NEWTRUE
  0x89: push(() => false), // NEWFALSE
  0x4b: push((m) => number(m, 1)), // BININT1
  0x4d: push((m) => number(m, 2)), // BININT2
  0x4a: push((m) => number(m, 4) | 0), // BININT
  0x8a: push(longInteger), // LONG1
  0x47: push((m) => take(m, 8).getFloat64(0)), // BINFLOAT
  0x58: push((m) => text(m, number(m, 4))), // BINUNICODE
  0x8c: push((m) => text(m, number(m, 1))), // SHORT_BINUNICODE
  0x7d: push(() => new Map()), // EMPTY_DICT
  0x5d: push(() => []), // EMPTY_LIST
  0x29: push(() => []), // EMPTY_TUPLE
  0x85: push((m) => popMany(m, 1)), // TUPLE1
  0x86: push((m) => popMany(m, 2)), // TUPLE2
  0x87: push((m) => popMany(m, 3)), // TUPLE3
  0x74: push(popToMark), // TUPLE
  0x63: push(global), // GLOBAL
  0x51: push((m) => ({ kind: "persistent", id: pop(m) })), // BINPERSID
  0x52: push(call), // REDUCE
  0x71: (m) => remember(m, number(m, 1)), // BINPUT
  0x72: (m) => remember(m, number(m, 4)), // LONG_BINPUT
  0x68: push((m) => recall(m, number(m, 1))), // BINGET
  0x6a: push((m) => recall(m, number(m, 4))), // LONG_BINGET
  0x73: (m) => setItems(m, popMany(m, 2)), // SETITEM
  0x75: (m) => setItems(m, popToMark(m)), // SETITEMS
  0x61: (m) => append(m, popMany(m, 1)), // APPEND
  0x65: (m) => append(m, popToMark(m)), // APPENDS
  0x62: (m) => void pop(m), // BUILD: the state of an OrderedDict, its `_metadata`
};

function take(m: Machine, length: number): DataView {
  if (m.at + length > m.view.byteLength) throw new RangeError("the pickle ends too early");
  const view = new DataView(m.view.buffer, m.view.byteOffset + m.at, length);
  m.at += length;
  return view;
}

/** An unsigned little-endian integer. */
function number(m: Machine, bytes: 1 | 2 | 4): number {
  const view = take(m, bytes);
  return bytes === 1
    ? view.getUint8(0)
    : bytes === 2
    ? view.getUint16(0, true)
    : view.getUint32(0, true);
}

/** A signed little-endian integer of up to 8 bytes. */
function longInteger(m: Machine): number {
  const length = number(m, 1);
  if (length > 8) throw new RangeError(`an integer of ${length} bytes`);
  let value = 0n;
  const view = take(m, length);
  for (let i = length - 1; i >= 0; i--) value = value * 256n + BigInt(view.getUint8(i));
  return Number(BigInt.asIntN(8 * length, value));
}

function text(m: Machine, length: number): string {
  const { buffer, byteOffset } = take(m, length);
  return new TextDecoder().decode(new Uint8Array(buffer, byteOffset, length));
}

/** Two lines: module and name. */
function global(m: Machine): PickledGlobal {
  const line = (): string => {
    const start = m.at;
    while (take(m, 1).getUint8(0) !== 0x0a);
    const bytes = new Uint8Array(m.view.buffer, m.view.byteOffset + start, m.at - 1 - start);
    return new TextDecoder().decode(bytes);
  };
  const name = `${line()}.${line()}`;
  if (!m.allowed.has(name)) {
    throw new TypeError(`the pickle asks for "${name}", which no file of weights needs`);
  }
  return { kind: "global", name };
}

function call(m: Machine): PickledValue {
  const args = pop(m);
  const callee = pop(m);
  if (!isKind(callee, "global") || !Array.isArray(args)) {
    throw new TypeError("the pickle calls what is no global");
  }
  if (callee.name === "collections.OrderedDict") return new Map();
  return { kind: "call", global: callee.name, args };
}

function pop(m: Machine): PickledValue {
  const value = m.stack.pop();
  if (value === undefined || value === MARK) {
    throw new RangeError("the pickle takes more than it gave");
  }
  return value;
}

function popMany(m: Machine, count: number): PickledValue[] {
  return Array.from({ length: count }, () => pop(m)).reverse();
}

function popToMark(m: Machine): PickledValue[] {
  const mark = m.stack.lastIndexOf(MARK);
  if (mark === -1) throw new RangeError("the pickle has no mark");
  const values = m.stack.splice(mark).slice(1);
  return values as PickledValue[];
}

function remember(m: Machine, index: number): void {
  const top = m.stack.at(-1);
  if (top === undefined || top === MARK) throw new RangeError("the pickle remembers nothing");
  m.memo.set(index, top);
}

function recall(m: Machine, index: number): PickledValue {
  const value = m.memo.get(index);
  if (value === undefined) throw new RangeError(`the pickle recalls ${index}, which it never kept`);
  return value;
}

function setItems(m: Machine, items: readonly PickledValue[]): void {
  const map = m.stack.at(-1);
  if (!(map instanceof Map) || items.length % 2 !== 0) {
    throw new TypeError("the pickle fills what is no dictionary");
  }
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
}

function append(m: Machine, items: readonly PickledValue[]): void {
  const list = m.stack.at(-1);
  if (!Array.isArray(list)) throw new TypeError("the pickle appends to what is no list");
  for (const item of items) list.push(item);
}

/** Whether a value is of one of the kinds that are objects. */
export function isKind<K extends "global" | "persistent" | "call">(
  value: PickledValue | undefined,
  kind: K,
): value is Extract<PickledValue, { kind: K }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
