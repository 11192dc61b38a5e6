import type { Json } from "../../pipeline/mod.ts";

/** `${NAME}`; a doubled dollar sign stands for itself. */
const PLACEHOLDER = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Reads a secret's value, or `undefined` when it is not set. */
export type SecretSource = (name: string) => string | undefined;

/** Names of the secrets that a value mentions anywhere. */
export function secretNames(value: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (item: unknown): void => {
    if (typeof item === "string") {
      for (const [, name] of item.matchAll(PLACEHOLDER)) if (name !== undefined) names.add(name);
    } else if (typeof item === "object" && item !== null) {
      Object.values(item).forEach(visit);
    }
  };
  visit(value);
  return names;
}

/**
 * A copy of params with the secrets filled in. Only the running step sees it: keys, logs and the
 * database hold the placeholders.
 */
export function fillSecrets(value: Json, source: SecretSource): Json {
  if (typeof value === "string") {
    return value.replace(PLACEHOLDER, (all, name?: string) => {
      if (name === undefined) return "${";
      return source(name) ?? all;
    });
  }
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: Json) => fillSecrets(item, source));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillSecrets(item, source)]),
  );
}

/** Replaces every secret value in a text by its placeholder, so that it can be logged. */
export function redactSecrets(
  text: string,
  secrets: readonly { readonly name: string; readonly value: string }[],
): string {
  // Longest first: a secret can contain another. Very short values would blot out ordinary text.
  const ordered = secrets.filter(({ value }) => value.length >= 4)
    .toSorted((a, b) => b.value.length - a.value.length);
  return ordered.reduce((all, { name, value }) => all.replaceAll(value, `\${${name}}`), text);
}
