/** Puts a colour around a text. Meaning never lies in colour alone: a mark or a word says the same. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** Select Graphic Rendition codes: on, off (ECMA-48, 8.3.117). */
const CODES: Readonly<Record<keyof Paint, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Leaves every text as it is. */
export const plainPaint: Paint = paintWith((text) => text);

/** For a terminal with colours. */
export const colourPaint: Paint = paintWith((text, [on, off]) =>
  text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`
);

function paintWith(put: (text: string, codes: readonly [number, number]) => string): Paint {
  const { bold, dim, red, green, yellow, cyan } = CODES;
  return {
    bold: (text) => put(text, bold),
    dim: (text) => put(text, dim),
    red: (text) => put(text, red),
    green: (text) => put(text, green),
    yellow: (text) => put(text, yellow),
    cyan: (text) => put(text, cyan),
  };
}
