import type { JsonObject } from "../../pipeline/mod.ts";

const SHADES = [" ", "░", "▒", "▓", "█"] as const;
const LEAST_SIDE = 4;
const LARGEST_SIDE = 32;

/** A square picture, row by row, 0 for empty paper. */
export interface Picture {
  readonly side: number;
  readonly pixels: readonly number[];
}

/**
 * Finds a square picture in the raw columns of an example: a list of n × n numbers, or n × n
 * columns that are named alike but for numbers (`pixel_0_7`, `p63`), in their order.
 */
export function findPicture(input: JsonObject): Picture | undefined {
  const values = Object.values(input);
  const [only] = values;
  if (values.length === 1 && Array.isArray(only)) return squareOf(only);
  const stems = new Set(Object.keys(input).map((name) => name.replace(/[\d_]+$/, "")));
  return stems.size === 1 ? squareOf(values) : undefined;
}

function squareOf(values: readonly unknown[]): Picture | undefined {
  const side = Math.round(Math.sqrt(values.length));
  if (side * side !== values.length || side < LEAST_SIDE || side > LARGEST_SIDE) return undefined;
  const isPixel = (value: unknown): value is number => typeof value === "number" && value >= 0;
  return values.every(isPixel) ? { side, pixels: values } : undefined;
}

/** Draws a picture in four shades; a pixel is two columns wide, which makes it about square. */
export function renderPicture({ side, pixels }: Picture): string[] {
  const darkest = Math.max(...pixels);
  const shade = (value: number): string => {
    const level = darkest === 0 ? 0 : Math.ceil((value / darkest) * (SHADES.length - 1));
    return SHADES[level]!.repeat(2);
  };
  return Array.from(
    { length: side },
    (_, row) => pixels.slice(row * side, (row + 1) * side).map(shade).join(""),
  );
}
