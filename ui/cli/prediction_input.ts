import { extname } from "node:path";
import { listProblems, type ModelSignature } from "../../pipeline/mod.ts";
import { shellQuote } from "../shell_quote.ts";
import { usageError } from "./usage_error.ts";

/** Rows to predict: objects by column name, or lists in the order of the signature. */
export type PredictionRows = readonly (Readonly<Record<string, unknown>> | readonly unknown[])[];

/**
 * Reads what stands behind a model's name: `column=value` words make one row, JSON makes rows.
 *
 * A value is taken as the type its column has in the signature; an empty one is a missing value. For a model whose
 * only input is a text, each word is one.
 *
 * @throws {ExplainedError} `cli/usage` naming every word that cannot be read.
 */
export function parseInputs(words: readonly string[], signature: ModelSignature): PredictionRows {
  const [only, ...more] = signature.inputs;
  if (only?.type === "string" && more.length === 0) return parseTexts(words, only.name);
  const isPair = (word: string): boolean => /^[^\s[{"]/.test(word) && word.includes("=");
  if (words.length > 0 && words.every(isPair)) return [parsePairs(words, signature)];
  const problems: string[] = [];
  const rows = words.flatMap((word): PredictionRows => {
    if (isPair(word)) {
      problems.push(`${word}: column=value and JSON cannot stand beside each other`);
      return [];
    }
    try {
      return rowsOf(JSON.parse(word));
    } catch {
      problems.push(`${cut(word)}: neither column=value nor JSON`);
      return [];
    }
  });
  if (problems.length === 0) return rows;
  throw usageError(listProblems(problems), `Write one row as ${exampleOf(signature)}`);
}

/** `column=text`, JSON rows, or the text itself. */
function parseTexts(words: readonly string[], name: string): PredictionRows {
  return words.flatMap((word): PredictionRows => {
    if (word.startsWith(`${name}=`)) return [{ [name]: word.slice(name.length + 1) }];
    if (/^\s*[[{]/.test(word)) {
      try {
        return rowsOf(JSON.parse(word));
      } catch {
        return [{ [name]: word }]; // "[스포] 재미있다" is a text
      }
    }
    return [{ [name]: word }];
  });
}

/**
 * Reads rows from the text of a file or of stdin: JSON, or JSON lines.
 *
 * @param name Shown in an error; its ending `.jsonl` or `.ndjson` says that each line is a row.
 * @throws {ExplainedError} `cli/usage`.
 */
export function parseRowsText(text: string, name: string): PredictionRows {
  const isLines = [".jsonl", ".ndjson"].includes(extname(name).toLowerCase());
  try {
    if (!isLines) return rowsOf(JSON.parse(text));
    return text.split("\n").filter((line) => line.trim() !== "")
      .flatMap((line) => rowsOf(JSON.parse(line)));
  } catch (error) {
    throw usageError(
      `${name} is not JSON: ${(error as Error).message}`,
      "Give a JSON list of rows, or JSON lines in a .jsonl file",
    );
  }
}

/** One object or a list of numbers is one row; a list of objects or lists is many. */
function rowsOf(value: unknown): PredictionRows {
  if (Array.isArray(value)) {
    const isMany = value.some((item) => typeof item === "object" && item !== null);
    return isMany ? value as PredictionRows : [value];
  }
  if (typeof value === "object" && value !== null) {
    const { rows } = value as { readonly rows?: unknown };
    return Array.isArray(rows) ? rows as PredictionRows : [value as Record<string, unknown>];
  }
  throw new SyntaxError("a row is an object or a list");
}

function parsePairs(
  words: readonly string[],
  { inputs }: ModelSignature,
): Readonly<Record<string, unknown>> {
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  return Object.fromEntries(words.map((word) => {
    const name = word.slice(0, word.indexOf("="));
    return [name, parseValue(word.slice(name.length + 1), types.get(name))];
  }));
}

/** What does not fit its type stays a text: the signature's check then says so with the column. */
function parseValue(text: string, type: string | undefined): unknown {
  if (text === "") return null;
  if (type === "string") return text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  const value = Number(text);
  return Number.isFinite(value) && text.trim() !== "" ? value : text;
}

/** A row as it could be typed: the one given, else from the signature's ranges and categories. */
export function exampleOf(
  { inputs }: ModelSignature,
  row: Readonly<Record<string, unknown>> = {},
): string {
  if (inputs.length > 8) return `'[… ${inputs.length} values …]'`;
  const [only] = inputs;
  if (inputs.length === 1 && only?.type === "string" && only.categories === undefined) {
    return shellQuote(String(row[only.name] ?? "…"));
  }
  return inputs.map(({ name, type, range, categories }) => {
    const usual = categories?.[0] ?? (type === "boolean" ? "true" : range?.[0] ?? "…");
    return shellQuote(`${name}=${row[name] ?? usual}`);
  }).join(" ");
}

function cut(word: string): string {
  return word.length > 40 ? `${word.slice(0, 40)}…` : word;
}
