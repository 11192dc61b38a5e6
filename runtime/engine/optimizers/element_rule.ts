/** A formula over elements, numbers and the scalars `s`. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "scalar"; readonly index: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "sqrt"; readonly of: Expression }
  | {
    readonly kind: "+" | "-" | "*" | "/";
    readonly left: Expression;
    readonly right: Expression;
  };

/** `let name = value;` makes a name, `name = value;` changes an element. */
export interface Assignment {
  readonly name: string;
  readonly isNew: boolean;
  readonly value: Expression;
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([a-z]\w*)|(\S))/gy;

/**
 * Reads a rule: the statements of WGSL that optimizers are written in (`+ - * /`, `sqrt`, brackets, `let`, `s[0]`).
 *
 * @throws {SyntaxError} If it is something else.
 */
export function parseElementRule(rule: string): Assignment[] {
  const tokens = tokensOf(rule);
  let at = 0;
  const accept = (token: string): boolean => tokens[at] === token && ++at > 0;
  const expect = (token: string): void => {
    if (!accept(token)) {
      throw new SyntaxError(`${token} is expected, not ${tokens[at] ?? "the end"}`);
    }
  };
  const sum = (): Expression => {
    let left = product();
    for (let kind = tokens[at]; kind === "+" || kind === "-"; kind = tokens[at]) {
      at++;
      left = { kind, left, right: product() };
    }
    return left;
  };
  const product = (): Expression => {
    let left = operand();
    for (let kind = tokens[at]; kind === "*" || kind === "/"; kind = tokens[at]) {
      at++;
      left = { kind, left, right: operand() };
    }
    return left;
  };
  const operand = (): Expression => {
    if (accept("(")) {
      const inner = sum();
      expect(")");
      return inner;
    }
    const token = tokens[at++] ?? "the end";
    if (/^\d/.test(token)) return { kind: "number", value: Number(token) };
    if (!/^[a-z]/.test(token)) throw new SyntaxError(`an operand is expected, not ${token}`);
    if (token === "sqrt") return { kind: "sqrt", of: operand() };
    if (token !== "s" || !accept("[")) return { kind: "name", name: token };
    const index = Number(tokens[at++]);
    expect("]");
    return { kind: "scalar", index };
  };
  const assignments: Assignment[] = [];
  while (at < tokens.length) {
    const isNew = accept("let");
    const name = tokens[at++] ?? "";
    expect("=");
    assignments.push({ name, isNew, value: sum() });
    expect(";");
  }
  return assignments;
}

function tokensOf(rule: string): string[] {
  const tokens: string[] = [];
  for (const [, number, name, sign] of rule.trim().matchAll(TOKEN)) {
    tokens.push((number ?? name ?? sign)!);
  }
  return tokens;
}
