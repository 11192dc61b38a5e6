/** Named numbers as JSON can hold them. */
export type JsonNumbers = Readonly<Record<string, number | "NaN" | "Infinity" | "-Infinity">>;

/** NaN and infinities become texts. */
export function jsonNumbers(entries: Iterable<readonly [string, number]>): JsonNumbers {
  return Object.fromEntries(
    [...entries].map(([name, value]) => [
      name,
      Number.isFinite(value) ? value : String(value) as "NaN" | "Infinity" | "-Infinity",
    ]),
  );
}
