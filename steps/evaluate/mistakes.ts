import type { Mistake } from "../../pipeline/mod.ts";

/** The most confident mistakes of a pass over a split. */
export interface MistakeList {
  add(mistake: Mistake): void;
  /** Most confident first; of equals the earlier row. */
  list(): readonly Mistake[];
}

/** Keeps at most `limit` mistakes, however many there are. */
export function keepMistakes(limit: number): MistakeList {
  let kept: Mistake[] = [];
  const strongest = (): Mistake[] =>
    kept.sort((a, b) => b.confidence - a.confidence || a.row - b.row).slice(0, limit);
  return {
    add: (mistake) => {
      kept.push(mistake);
      if (kept.length > 4 * limit) kept = strongest();
    },
    list: strongest,
  };
}
