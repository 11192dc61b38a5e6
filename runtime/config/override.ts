import { parseDocument } from "yaml";
import type { Json, JsonObject } from "../../pipeline/mod.ts";

/** One `--set a.b=value`. */
export interface Override {
  readonly path: readonly string[];
  readonly value: Json;
  /** As it was typed. */
  readonly text: string;
}

/**
 * Parses `a.b=value`; the value is a YAML scalar, list or map (`3`, `true`, `[64, 32]`).
 *
 * @returns The override, or a sentence that says what is wrong.
 */
export function parseOverride(text: string): Override | string {
  const equals = text.indexOf("=");
  const path = text.slice(0, equals).trim().split(".");
  if (equals < 1 || path.some((part) => part === "")) {
    return `--set ${text}: write it as --set name.part=value`;
  }
  const document = parseDocument(text.slice(equals + 1));
  const [error] = document.errors;
  if (error !== undefined) return `--set ${text}: the value is not YAML: ${error.message}`;
  return { path, value: (document.toJS() ?? null) as Json, text };
}

/**
 * What is wrong with the place that an override names: below a single value there is no place, and a list has
 * places up to its end.
 *
 * @returns A sentence, or `undefined` when it can be put in.
 */
export function findMisplaced(config: Json, { path, text }: Override): string | undefined {
  let value: Json | undefined = config;
  for (const [depth, key] of path.entries()) {
    const name = path.slice(0, depth).join(".");
    if (Array.isArray(value)) {
      if (!/^\d+$/.test(key) || Number(key) > value.length) {
        return `--set ${text}: "${name}" is a list of ${value.length}: write a place from 0 to ${value.length}`;
      }
      value = value[Number(key)];
    } else if (typeof value === "object" && value !== null) {
      value = (value as JsonObject)[key];
    } else if (value === undefined || value === null) {
      return undefined;
    } else {
      return `--set ${text}: "${name}" is ${JSON.stringify(value)}, and has nothing below it`;
    }
  }
  return undefined;
}

/** A copy of a config with the overrides put in, the later ones over the earlier ones. */
export function applyOverrides(config: Json, overrides: readonly Override[]): Json {
  return overrides.reduce((all: Json, { path, value }) => put(all, path, value), config);
}

function put(into: Json, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(into) && /^\d+$/.test(key)) {
    const list: readonly Json[] = into;
    return list.toSpliced(Number(key), 1, put(list[Number(key)] ?? {}, rest, value));
  }
  const record = (typeof into === "object" && into !== null ? into : {}) as JsonObject;
  return { ...record, [key]: put(record[key] ?? {}, rest, value) };
}
