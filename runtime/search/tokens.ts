import { invalid } from "./mlflow_error.ts";

/** A piece of a filter. */
export interface Token {
  readonly kind: "word" | "string" | "number" | "operator" | "(" | ")" | ",";
  /** As it is written. */
  readonly text: string;
  /** Of a string: what stands between the quotes. */
  readonly value: string;
}

/** A name: words and quoted parts joined by dots, e.g. metrics.`a b` or params.lr. */
const NAME =
  /(?:[^\s=!<>'"`(),.]+|`[^`]*`|"(?:[^"]|"")*")(?:\.(?:[^\s=!<>'"`(),]+|`[^`]*`|"(?:[^"]|"")*"|'(?:[^']|'')*'))?/y;
const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?=[\s),]|$)/y;
const STRING = /'(?:[^']|'')*'|"(?:[^"]|"")*"(?!\.)/y;
const OPERATOR = />=|<=|!=|<>|=|<|>/y;

/** Takes a filter apart. @throws {MlflowError} Where no piece begins. */
export function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(filter)?.[0];
  };
  while (at < filter.length) {
    const space = take(/\s+/y);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = nextToken(filter[at]!, take);
    if (token === undefined) {
      throw invalid(`Invalid clause(s) in filter string: '${filter.slice(at)}'`);
    }
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function nextToken(
  first: string,
  take: (pattern: RegExp) => string | undefined,
): Token | undefined {
  if (first === "(" || first === ")" || first === ",") {
    return { kind: first, text: first, value: first };
  }
  const string = take(STRING);
  if (string !== undefined) return { kind: "string", text: string, value: unquote(string) };
  const number = take(NUMBER);
  if (number !== undefined) return { kind: "number", text: number, value: number };
  const operator = take(OPERATOR);
  if (operator !== undefined) return { kind: "operator", text: operator, value: operator };
  const word = take(NAME);
  return word === undefined ? undefined : { kind: "word", text: word, value: word };
}

/** What stands between quotes; a doubled quote is one. Text without quotes stays as it is. */
export function unquote(text: string): string {
  const quote = text[0]!;
  if (text.length < 2 || !"'\"`".includes(quote) || !text.endsWith(quote)) return text;
  const inner = text.slice(1, -1);
  return quote === "`" ? inner : inner.replaceAll(quote + quote, quote);
}
