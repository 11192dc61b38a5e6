import { invalid } from "./mlflow_error.ts";
import { entityWord, readName } from "./read_name.ts";
import { type Clause, type Comparator, comparatorsOf, isNumeric } from "./search_terms.ts";
import type { SearchTerms } from "./search_terms.ts";
import { type Token, tokenize } from "./tokens.ts";

/**
 * Reads a filter of MLflow's search: comparisons joined by AND.
 *
 * @throws {MlflowError} `INVALID_PARAMETER_VALUE` that says which clause is wrong.
 */
export function parseFilter(filter: string, terms: SearchTerms): Clause[] {
  const tokens = tokenize(filter);
  const clauses: Clause[] = [];
  let at = 0;
  while (at < tokens.length) {
    if (clauses.length > 0) {
      if (!isWord(tokens[at], "AND")) throw invalidClause(tokens.slice(at));
      at++;
    }
    const { clause, next } = readClause(tokens, at, terms);
    clauses.push(clause);
    at = next;
  }
  return clauses;
}

/** A clause as a filter that reads back as the same clause. */
export function renderClause({ entity, key, comparator, value }: Clause): string {
  const name = entity === "attribute" ? key : `${entity}s.${quoteKey(key)}`;
  const rendered = typeof value === "number"
    ? String(value)
    : typeof value === "string"
    ? quote(value)
    : `(${value.map(quote).join(", ")})`;
  return `${name} ${comparator} ${rendered}`;
}

function quoteKey(key: string): string {
  return key.includes("`") ? `"${key.replaceAll('"', '""')}"` : `\`${key}\``;
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function readClause(
  tokens: readonly Token[],
  start: number,
  terms: SearchTerms,
): { clause: Clause; next: number } {
  const name = tokens[start];
  if (name === undefined) throw invalidClause(tokens.slice(-1));
  if (name.kind !== "word" && !(name.kind === "string" && name.text.startsWith('"'))) {
    throw invalidClause(tokens.slice(start));
  }
  const { comparator, next: valueAt } = readComparator(tokens, start + 1);
  const target = readName(name.text, terms);
  const valid = comparatorsOf(terms, target);
  if (!valid.includes(comparator)) {
    throw invalid(`Invalid comparator '${comparator}' not one of '${listOf(valid)}'`);
  }
  const numeric = isNumeric(terms, target);
  const { value, next } = comparator === "IN" || comparator === "NOT IN"
    ? readList(tokens, valueAt)
    : { value: readValue(tokens[valueAt], { ...target, numeric }), next: valueAt + 1 };
  return { clause: { ...target, comparator, value }, next };
}

function readComparator(
  tokens: readonly Token[],
  at: number,
): { comparator: Comparator; next: number } {
  const token = tokens[at];
  if (token?.kind === "operator") {
    return { comparator: (token.text === "<>" ? "!=" : token.text) as Comparator, next: at + 1 };
  }
  for (const word of ["LIKE", "ILIKE", "IN"] as const) {
    if (isWord(token, word)) return { comparator: word, next: at + 1 };
  }
  if (isWord(token, "NOT") && isWord(tokens[at + 1], "IN")) {
    return { comparator: "NOT IN", next: at + 2 };
  }
  throw invalidClause(tokens.slice(Math.max(0, at - 1)));
}

function readValue(
  token: Token | undefined,
  { entity, key, numeric }: { entity: Clause["entity"]; key: string; numeric: boolean },
): string | number {
  if (token === undefined) {
    throw invalid("Invalid comparison clause. Expected 3 tokens found 2");
  }
  if (numeric) {
    if (token.kind === "number") return Number(token.text);
    throw invalid(
      entity === "metric"
        ? `Expected numeric value type for metric. Found ${token.text}`
        : `Expected numeric value type for numeric attribute: ${key}. Found ${token.text}`,
    );
  }
  if (token.kind === "string") return token.value;
  if (token.kind === "word") {
    throw invalid(
      "Parameter value is either not quoted or unidentified quote types used for string value " +
        `${token.text}. Use either single or double quotes.`,
    );
  }
  throw invalid(
    entity === "attribute"
      ? `Expected a quoted string value for attributes. Got value ${token.text}`
      : `Expected a quoted string value for ${entityWord(entity)} (e.g. 'my-value'). ` +
        `Got value ${token.text}`,
  );
}

function readList(
  tokens: readonly Token[],
  start: number,
): { value: readonly string[]; next: number } {
  if (tokens[start]?.kind !== "(") throw badList(tokens.slice(start));
  const values: string[] = [];
  let at = start + 1;
  for (;;) {
    const token = tokens[at];
    if (token?.kind !== "string") throw badList(tokens.slice(start));
    values.push(token.value);
    const after = tokens[at + 1]?.kind;
    at += 2;
    if (after === ")") return { value: values, next: at };
    if (after !== ",") throw badList(tokens.slice(start));
    if (tokens[at]?.kind === ")") return { value: values, next: at + 1 };
  }
}

function badList(tokens: readonly Token[]) {
  return invalid(
    "While parsing a list in the query, expected a non-empty list of string values, but got " +
      `ill-formed list: ${tokens.map(({ text }) => text).join(" ")}`,
  );
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.text.toUpperCase() === word;
}

function listOf(values: readonly string[]): string {
  return `{${values.map((value) => `'${value}'`).join(", ")}}`;
}

function invalidClause(tokens: readonly Token[]) {
  return invalid(
    `Invalid clause(s) in filter string: '${tokens.map(({ text }) => text).join(" ")}'`,
  );
}
