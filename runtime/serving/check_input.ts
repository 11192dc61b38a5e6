import {
  type Cell,
  type ColumnType,
  didYouMean,
  type ModelSignature,
  type SignatureInput,
} from "../../pipeline/mod.ts";

/** A request's rows, fit for the model's preprocessing, or everything that is wrong with them. */
export type CheckedInput =
  | { readonly ok: true; readonly rows: readonly InputRow[]; readonly single: boolean }
  | { readonly ok: false; readonly problems: readonly string[]; readonly total: number };

/** One example as a caller gives it: every input of the signature has a value, `null` when missing. */
export type InputRow = Readonly<Record<string, Cell>>;

/** Names under which a list of rows may come; the second and third are what other servers call it. */
const ROW_LISTS = ["rows", "instances", "inputs"] as const;

/** How many problems are kept; a long list of rows wrong in the same way needs no more. */
const KEPT_PROBLEMS = 50;

/**
 * Checks the body of a prediction request against a model's signature.
 *
 * A body is `{ "rows": [row, …] }`, a list of rows, or one row. A row is an object
 * `{ feature: value }`, or a list of values in the order of the signature; for a model of one text also just
 * the text. `single` says that one row
 * came as an object of its own, and one answer is to go back. A nullable feature may be left out.
 */
export function checkInput(signature: ModelSignature, body: unknown): CheckedInput {
  const problems = new ProblemList();
  const { list, single } = rowsOf(signature, body, problems);
  if (list.length === 0 && problems.total === 0) {
    problems.add(() => `the list of rows is empty, and must hold at least one row`);
  }
  const columns = new Map(signature.inputs.map((input) => [input.name, input]));
  const rows: InputRow[] = [];
  list.forEach((row, index) => {
    const place = single ? "" : `row ${index + 1}: `;
    const add: AddProblem = (sentence) => problems.add(() => `${place}${sentence()}`);
    const checked = typeof row === "string" && textInput(signature) !== undefined
      ? checkList(signature.inputs, [row], add)
      : Array.isArray(row)
      ? checkList(signature.inputs, row, add)
      : checkObject(columns, row, add);
    if (checked !== undefined) rows.push(checked);
  });
  return problems.total === 0
    ? { ok: true, rows, single }
    : { ok: false, problems: problems.kept, total: problems.total };
}

/** The name of the only input, if that is a text. */
export function textInput({ inputs }: Pick<ModelSignature, "inputs">): string | undefined {
  const [only, ...more] = inputs;
  return only?.type === "string" && more.length === 0 ? only.name : undefined;
}

type AddProblem = (sentence: () => string) => void;

/** The first problems, and the count of all. */
class ProblemList {
  readonly kept: string[] = [];
  total = 0;

  /** @param sentence Only made when it is kept: finding the nearest name of a million would take long. */
  add(sentence: () => string): void {
    this.total++;
    if (this.kept.length < KEPT_PROBLEMS) this.kept.push(sentence());
  }
}

function rowsOf(
  signature: ModelSignature,
  body: unknown,
  problems: ProblemList,
): { list: readonly unknown[]; single: boolean } {
  if (Array.isArray(body)) {
    // `[5.1, 3.5, 1.4, 0.2]` is one row by place; a list of texts is many rows of a model of one text.
    const isRow = body.length > 0 && textInput(signature) === undefined &&
      body.every((each) => typeof each !== "object" || each === null);
    return { list: isRow ? [body] : body, single: isRow };
  }
  if (typeof body === "string" && textInput(signature) !== undefined) {
    return { list: [body], single: true };
  }
  if (!isObject(body)) {
    problems.add(() =>
      `the body is ${describe(body)}, and must be an object like ${example(signature)}`
    );
    return { list: [], single: false };
  }
  for (const name of ROW_LISTS) {
    const value = body[name];
    if (Array.isArray(value)) {
      for (const other of Object.keys(body)) {
        if (other === name) continue;
        problems.add(() =>
          `"${other}" stands beside "${name}", and only "${name}" may stand there`
        );
      }
      return { list: value, single: false };
    }
    if (isObject(value) && Object.keys(body).length === 1) return { list: [value], single: true };
  }
  return { list: [body], single: true };
}

function checkList(
  inputs: readonly SignatureInput[],
  row: readonly unknown[],
  add: AddProblem,
): InputRow | undefined {
  if (row.length !== inputs.length) {
    add(() => `has ${count(row.length, "value")}, and the model takes ${inputs.length}`);
    return undefined;
  }
  const checked: Record<string, Cell> = Object.create(null);
  inputs.forEach((input, index) => {
    const value = row[index];
    const problem = problemOf(input, value, true);
    if (problem === undefined) checked[input.name] = value as Cell;
    else add(() => problem);
  });
  return checked;
}

function checkObject(
  columns: ReadonlyMap<string, SignatureInput>,
  row: unknown,
  add: AddProblem,
): InputRow | undefined {
  if (!isObject(row)) {
    add(() =>
      `is ${describe(row)}, and must be an object { feature: value } or a list of ` +
      `${count(columns.size, "value")}`
    );
    return undefined;
  }
  for (const name of Object.keys(row)) {
    if (columns.has(name)) continue;
    add(() => {
      const missing = [...columns.keys()].filter((known) => !Object.hasOwn(row, known));
      const nearest = didYouMean(shortened(name), missing);
      return `${JSON.stringify(shortened(name))} is not an input of the model${nearest}`;
    });
  }
  const checked: Record<string, Cell> = Object.create(null);
  for (const column of columns.values()) {
    const isGiven = Object.hasOwn(row, column.name);
    const value = isGiven ? row[column.name] : null;
    const problem = problemOf(column, value, isGiven);
    if (problem === undefined) checked[column.name] = value as Cell;
    else add(() => problem);
  }
  return checked;
}

function problemOf(column: SignatureInput, value: unknown, given: boolean): string | undefined {
  if (value === null || value === undefined) {
    if (column.nullable) return undefined;
    return given
      ? `"${column.name}" is null, and must be ${EXPECTED[column.type]}`
      : `"${column.name}" is missing`;
  }
  const fits = FITS[column.type](value);
  return fits
    ? undefined
    : `"${column.name}" is ${describe(value)}, and must be ${EXPECTED[column.type]}`;
}

const FITS: Readonly<Record<ColumnType, (value: unknown) => boolean>> = {
  number: (value) => Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
};

const EXPECTED = {
  number: "a number",
  integer: "a whole number",
  string: "a text",
  boolean: "true or false",
} as const;

/** A short picture of a value for a message: `the text "abc"`, `a list`, `4.5`. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null) return "null";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") {
    return `the text ${JSON.stringify(shortened(value))}`;
  }
  return String(value);
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function example(signature: ModelSignature): string {
  const [first] = signature.inputs;
  return `{ "rows": [{ ${JSON.stringify(first?.name ?? "feature")}: … }] }`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
