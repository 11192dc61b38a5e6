import { invalid, type MlflowError } from "../../runtime/search/mod.ts";

/** One field of a request: how its JSON value is read. */
export interface Field<Value> {
  /** Reads a value that is there. @throws {Mismatch} For one of another type. */
  readonly read: (value: unknown, path: string) => Value;
  /** What a field that is not there stands for. */
  readonly absent: Value;
  readonly isRequired: boolean;
  readonly isList: boolean;
  /** Old name of the field. */
  readonly alias?: string;
}

/** The fields of a request by their names. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** A request that was read by its fields. */
export type Message<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer Value> ? Value : never;
};

/** A value of another type than the field has. */
export class Mismatch extends Error {
  readonly path: string;
  readonly value: unknown;

  constructor(path: string, value: unknown) {
    super(path);
    this.path = path;
    this.value = value;
  }
}

const SEE = " See the API docs for more information about request parameters.";

/** A text; `undefined` when it is not there. */
export const text: Field<string | undefined> = optional((value, path) => {
  if (typeof value === "string") return value;
  throw new Mismatch(path, value);
});

/** A whole number, also as text. */
export const int64: Field<number | undefined> = optional((value, path) => {
  const isText = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value);
  if (isText || (typeof value === "number" && Number.isInteger(value))) return Number(value);
  throw new Mismatch(path, value);
});

/** A floating point number, also as text: `"NaN"`, `"Infinity"`. */
export const double: Field<number | undefined> = optional((value, path) => {
  if (typeof value === "number") return value;
  if (typeof value !== "string") throw new Mismatch(path, value);
  const spelled = /^\s*(-?)(nan|inf|infinity)\s*$/i.exec(value);
  if (spelled !== null) {
    return spelled[2]!.toLowerCase() === "nan" ? NaN : spelled[1] === "-" ? -Infinity : Infinity;
  }
  const number = Number(value);
  if (value.trim() === "" || Number.isNaN(number)) throw new Mismatch(path, value);
  return number;
});

/** Yes or no. */
export const bool: Field<boolean | undefined> = optional((value, path) => {
  if (typeof value === "boolean") return value;
  if (value === "true") return true;
  if (value === "false") return false;
  throw new Mismatch(path, value);
});

/** An id of an experiment: MLflow before 1.0 sent numbers. */
export const experimentId: Field<string | undefined> = optional((value, path) =>
  typeof value === "number" ? String(value) : text.read(value, path)!
);

/** One of some names, also by its number; unknown ones count as not given. */
export function oneOf<Name extends string>(
  names: Readonly<Record<Name, number>>,
): Field<Name | undefined> {
  return {
    ...optional<Name>((value) => {
      const entries = Object.entries(names) as [Name, number][];
      return entries.find(([name, number]) => value === name || Number(value) === number)
        ?.[0] as Name;
    }),
  };
}

/** A list; without it, an empty one. */
export function list<Value>(item: Field<Value | undefined>): Field<readonly Value[]> {
  return {
    read: (value, path) => {
      if (!Array.isArray(value)) throw new Mismatch(path, value);
      return value.map((each, index) => {
        const at = `${path}[${index}]`;
        try {
          return item.read(each, at) as Value;
        } catch (error) {
          // MLflow shows the whole list when an entry has another type, but the field of an entry by its own path.
          if (error instanceof Mismatch && error.path === at) throw new Mismatch(path, value);
          throw error;
        }
      });
    },
    absent: [],
    isRequired: false,
    isList: true,
  };
}

/** An object with fields of its own. */
export function message<F extends Fields>(fields: F): Field<Message<F> | undefined> {
  const names = Object.keys(fields);
  return optional((value, path) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) {
      throw new Mismatch(path, value);
    }
    const given = value as Readonly<Record<string, unknown>>;
    const read: Record<string, unknown> = {};
    for (const name of names) read[name] = readField(fields[name]!, given, name, `${path}.${name}`);
    return read as Message<F>;
  });
}

/** A field that must be there and not be empty. */
export function required<Value>(field: Field<Value>): Field<NonNullable<Value>> {
  return { ...field as Field<NonNullable<Value>>, isRequired: true };
}

/** A field with an old name. */
export function named<Value>(alias: string, field: Field<Value>): Field<Value> {
  return { ...field, alias };
}

/** Reads a request. @throws {MlflowError} That names the first field which is missing or of another type. */
export function readFields<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  quote: (value: unknown) => string = JSON.stringify,
): Message<F> {
  const read: Record<string, unknown> = {};
  try {
    for (const name of Object.keys(fields)) {
      read[name] = readField(fields[name]!, given, name, name);
    }
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw mismatch(error.path, error.value, quote);
  }
  return read as Message<F>;
}

/** The error for a value of another type, or out of its range. */
export function mismatch(
  path: string,
  value: unknown,
  quote: (value: unknown) => string = JSON.stringify,
): MlflowError {
  return invalid(
    `Invalid value ${quote(value)} for parameter '${path}' supplied: ` +
      ` Hint: Value was of type '${pythonType(value)}'.${SEE}`,
  );
}

function readField(
  field: Field<unknown>,
  given: Readonly<Record<string, unknown>>,
  name: string,
  path: string,
): unknown {
  let value = Object.hasOwn(given, name) ? given[name] : undefined;
  if (value === undefined || value === null) {
    value = field.alias === undefined ? undefined : given[field.alias];
  }
  if (value === undefined || value === null || (field.isRequired && value === "")) {
    if (field.isRequired) throw invalid(`Missing value for required parameter '${path}'.${SEE}`);
    return field.absent;
  }
  return field.read(value, path);
}

function optional<Value>(
  read: (value: unknown, path: string) => Value,
): Field<Value | undefined> {
  return { read, absent: undefined, isRequired: false, isList: false };
}

function pythonType(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (Array.isArray(value)) return "list";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return { string: "str", boolean: "bool", object: "dict" }[typeof value as string] ?? "str";
}
