import { hash } from "node:crypto";
import type { Cell, Row } from "../../pipeline/mod.ts";

/** A uniform number, 52 bits of SHA-256, that depends on nothing but the salt and these values. */
export function hashCells(salt: string, cells: readonly Cell[]): number {
  const digest = hash("sha256", `${salt}\n${JSON.stringify(cells)}`, "hex");
  return parseInt(digest.slice(0, 13), 16);
}

/** Hashes whole rows: equal rows get equal numbers, whatever the order of rows or columns. */
export function openRowHash(salt: string, columns: readonly string[]): (row: Row) => number {
  const sorted = [...columns].sort();
  return (row) => hashCells(salt, sorted.map((name) => row[name] ?? null));
}
