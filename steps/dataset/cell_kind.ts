import type { Cell, ColumnType } from "../../pipeline/mod.ts";
import type { SourceField } from "./source_record.ts";

/** What a field looks like. Bits, so that a column's kinds can be collected in one number. */
export const KIND = {
  integer: 1,
  /** A whole number that a float64 cannot hold exactly: an identifier, more likely than a quantity. */
  long: 2,
  decimal: 4,
  boolean: 8,
  text: 16,
} as const;

// "007" and "+82" are codes, not numbers: reading them as numbers would lose characters.
const WHOLE = /^ *-?(?:0|[1-9]\d*) *$/;
const DECIMAL = /^ *-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)? *$/;

/** Kind of a field of a source that has types of its own (JSON), or of delimited text. */
export function kindOf(field: string | number | boolean, isTyped: boolean): number {
  if (typeof field === "boolean") return KIND.boolean;
  if (typeof field === "number") return Number.isSafeInteger(field) ? KIND.integer : KIND.decimal;
  if (isTyped) return KIND.text;
  if (isPlainInteger(field)) return KIND.integer;
  const first = field.charCodeAt(0);
  const mayBeNumber = first <= 57 && (first >= 48 || first === 45 || first === 46 || first === 32);
  if (mayBeNumber && WHOLE.test(field)) {
    return Number.isSafeInteger(Number(field)) ? KIND.integer : KIND.long;
  }
  if (mayBeNumber && DECIMAL.test(field)) {
    return Number.isFinite(Number(field)) ? KIND.decimal : KIND.text;
  }
  return booleanOf(field, "true", "false") === undefined ? KIND.text : KIND.boolean;
}

/** The most common field by far, told without a regular expression: up to 15 digits, no leading zero. */
function isPlainInteger(field: string): boolean {
  if (field.length > 15 || (field.charCodeAt(0) === 48 && field.length > 1)) return false;
  for (let i = 0; i < field.length; i++) {
    const code = field.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Type of a column whose fields have these kinds: the narrowest that loses nothing. */
export function typeOfKinds(kinds: number): ColumnType {
  const isNumeric = (kinds & (KIND.boolean | KIND.text)) === 0;
  if (kinds === KIND.boolean) return "boolean";
  if (kinds === 0 || !isNumeric) return "string";
  if ((kinds & KIND.decimal) !== 0) return "number";
  return (kinds & KIND.long) !== 0 ? "string" : "integer";
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/**
 * A field as a value of a type, or `undefined` when it is none. A declared type is read generously:
 * `3.0` is an integer, and true/false, yes/no and 1/0 are booleans in any case.
 */
export function valueOf(
  field: string | number | boolean,
  type: ColumnType,
): Exclude<Cell, null> | undefined {
  if (type === "string") return String(field);
  if (type === "boolean") {
    return typeof field === "boolean"
      ? field
      : booleanOf(String(field), "true", "false") ?? booleanOf(String(field), "yes", "no") ??
        booleanOf(String(field), "1", "0");
  }
  const text = String(field);
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  if (type === "integer") return Number.isSafeInteger(value) ? value : undefined;
  return Number.isFinite(value) ? value : undefined;
}

function booleanOf(text: string, yes: string, no: string): boolean | undefined {
  if (text.length > 7) return undefined;
  const word = text.trim().toLowerCase();
  return word === yes ? true : word === no ? false : undefined;
}

/** Whether a field counts as a missing value in a column of a type. */
export function isMissing(
  field: SourceField | undefined,
  type: ColumnType,
  tokens: ReadonlySet<string>,
): boolean {
  if (field === null || field === undefined) return true;
  // A quoted empty field is a text, and no number or boolean.
  if (field === "") return type !== "string";
  return tokens.size > 0 && typeof field === "string" && tokens.has(field);
}
