import type { Json } from "../../pipeline/mod.ts";
import { canonicalJson } from "./content_hash.ts";
import type { KeyParts } from "./cache_key.ts";

/** One thing that differs between two cache keys. */
export interface KeyDifference {
  readonly part: keyof KeyParts;
  /** Module, param, input …; "" for the step itself. */
  readonly name: string;
  /** `null`: it was not there. */
  readonly before: Json;
  /** `null`: it is gone. */
  readonly after: Json;
}

const PARTS = ["step", "code", "params", "inputs", "reads", "environment"] as const;

/** What differs between the parts of two keys, in the order of the parts. */
export function explainKey(before: KeyParts, after: KeyParts): readonly KeyDifference[] {
  return PARTS.flatMap((part) => {
    const [old, now] = [flatten(before[part]), flatten(after[part])];
    const names = [...new Set([...old.keys(), ...now.keys()])].sort();
    return names
      .filter((name) =>
        canonicalJson(old.get(name) ?? null) !== canonicalJson(now.get(name) ?? null)
      )
      .map((name) => ({ part, name, before: old.get(name) ?? null, after: now.get(name) ?? null }));
  });
}

/** The reason of a re-run in a few words: `code steps/train.ts`, `param epochs 5 → 7`. */
export function renderDifference({ part, name, before, after }: KeyDifference): string {
  switch (part) {
    case "step":
      return `step ${show(before)} → ${show(after)}`;
    case "code":
      return `code ${name} ${verb(before, after, "changed")}`;
    case "params":
      return `param ${name} ${show(before)} → ${show(after)}`;
    case "inputs":
      return `input ${name} ${verb(before, after, "changed")}`;
    case "reads":
      return `${name} ${readVerb(before, after)}`;
    case "environment":
      return `${name} ${shorten(show(before))} → ${shorten(show(after))}`;
  }
}

/** All differences in one line: the first three, then how many more. */
export function renderDifferences(differences: readonly KeyDifference[]): string {
  const shown = differences.slice(0, 3).map(renderDifference);
  const rest = differences.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}

function flatten(value: Json, path = ""): Map<string, Json> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = isRecord ? Object.entries(value as Record<string, Json>) : [];
  // An empty record inside another is a value of its own.
  if (entries.length === 0) return new Map(isRecord && path === "" ? [] : [[path, value]]);
  return new Map(
    entries.flatMap(([key, item]) => [...flatten(item, path === "" ? key : `${path}.${key}`)]),
  );
}

function verb(before: Json, after: Json, changed: string): string {
  return before === null ? "is new" : after === null ? "is gone" : changed;
}

function readVerb(before: Json, after: Json): string {
  const short = (value: Json) => shorten(show(value));
  return before === null
    ? "is new"
    : after === null
    ? "is gone"
    : `${short(before)} → ${short(after)}`;
}

function show(value: Json): string {
  return value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value);
}

/** Hashes are shown by their first digits. */
function shorten(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text.slice(0, 8);
  return /^sha512-.{40,}$/.test(text) ? text.slice("sha512-".length, 15) : text;
}
