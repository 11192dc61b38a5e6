import type { Json, Mistake } from "../../pipeline/mod.ts";
import { findPicture, type Picture, renderPicture } from "./digit_picture.ts";
import { renderNumber, renderPercent } from "./quantity.ts";
import type { ReportStyle } from "./report_style.ts";
import { cutText, onOneLine, padEnd, textWidth } from "./text_width.ts";

const INDENT = "  ";
const GAP = "    ";
/** Without a terminal, lines of pairs are wrapped here. */
const DEFAULT_WIDTH = 100;

/** Mistakes of a model as a person reads them: pictures side by side, other examples as `column value` pairs. */
export function renderMistakes(mistakes: readonly Mistake[], style: ReportStyle): string[] {
  const pictures = mistakes.map(({ input }) => findPicture(input));
  if (pictures.every((picture) => picture !== undefined)) {
    return besideEachOther(
      mistakes.map((mistake, i) => pictureBlock(mistake, pictures[i]!)),
      style,
    );
  }
  return mistakes.flatMap((mistake) => [
    `${INDENT}${style.paint.bold(answerOf(mistake))}, ${doubtOf(mistake)}`,
    ...pairLines(Object.entries(mistake.input), style),
  ]);
}

function answerOf({ predicted, label }: Mistake): string {
  return `predicted ${onOneLine(predicted)}, is ${onOneLine(label)}`;
}

function doubtOf({ confidence, row }: Mistake): string {
  return `${renderPercent(confidence)} sure (row ${row})`;
}

function pictureBlock(mistake: Mistake, picture: Picture): string[] {
  return [...renderPicture(picture), answerOf(mistake), doubtOf(mistake)];
}

/** Puts blocks of lines beside each other, as many as fit, then the next ones below. */
function besideEachOther(blocks: readonly (readonly string[])[], { width }: ReportStyle): string[] {
  const lines: string[] = [];
  for (let first = 0; first < blocks.length;) {
    const widths: number[] = [];
    let used = INDENT.length;
    for (const block of blocks.slice(first)) {
      const columns = Math.max(...block.map(textWidth));
      if (widths.length > 0 && used + columns > (width ?? DEFAULT_WIDTH)) break;
      widths.push(columns);
      used += columns + GAP.length;
    }
    const group = blocks.slice(first, first + widths.length);
    const height = Math.max(...group.map((block) => block.length));
    for (let i = 0; i < height; i++) {
      const cells = group.map((block, column) => padEnd(block[i] ?? "", widths[column]!));
      lines.push(`${INDENT}${cells.join(GAP)}`.trimEnd());
    }
    first += widths.length;
  }
  return lines;
}

/** Most that is shown of an example with many columns. */
const MOST_LINES = 3;

function pairLines(pairs: readonly (readonly [string, Json])[], style: ReportStyle): string[] {
  const limit = style.width ?? DEFAULT_WIDTH;
  const lines: string[] = [];
  let line = "";
  for (const [i, [name, value]] of pairs.entries()) {
    const pair = cutText(`${name} ${renderValue(value)}`, limit - 4);
    const next = line === "" ? `${INDENT}${INDENT}${pair}` : `${line}${GAP}${pair}`;
    if (line !== "" && textWidth(next) > limit) {
      if (lines.length === MOST_LINES - 1) {
        return [...lines, line, `${INDENT}${INDENT}and ${pairs.length - i} more columns`];
      }
      lines.push(line);
      line = `${INDENT}${INDENT}${pair}`;
    } else line = next;
  }
  return line === "" ? lines : [...lines, line];
}

function renderValue(value: Json): string {
  if (value === null) return "missing";
  if (typeof value === "number") return renderNumber(value);
  return onOneLine(typeof value === "string" ? value : JSON.stringify(value));
}
