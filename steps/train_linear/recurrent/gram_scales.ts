import { PLACED, type PlacedTexts } from "./placed_texts.ts";

/**
 * How much each n-gram counts before anything is learned: 0.5 + 0.5 |ln r|, with r the ratio of how common it is in texts of a
 * class and in the rest, for the class where it says most. Ids 0 and 1 are no n-grams, and do not count.
 *
 * @param sides `[texts, scores]`, as in training.
 */
export function gramScales(
  { count, starts, ids }: PlacedTexts,
  sides: Uint8Array,
  { scores, grams }: { readonly scores: number; readonly grams: number },
): Float32Array {
  const held = new Int32Array(grams * scores); // texts of each class that hold it
  const all = new Int32Array(grams);
  const sizes = new Int32Array(scores);
  const lastText = new Int32Array(grams).fill(-1);
  for (let text = 0; text < count; text++) {
    for (let score = 0; score < scores; score++) sizes[score]! += sides[text * scores + score]!;
    for (let at = PLACED * starts[text]!; at < PLACED * starts[text + 1]!; at++) {
      const id = ids[at]!;
      if (lastText[id] === text) continue;
      lastText[id] = text;
      all[id]!++;
      for (let score = 0; score < scores; score++) {
        held[id * scores + score]! += sides[text * scores + score]!;
      }
    }
  }
  return Float32Array.from({ length: grams }, (_, id) => {
    if (id < 2) return 0;
    let most = 0;
    for (let score = 0; score < scores; score++) {
      const inside = (1 + held[id * scores + score]!) / (1 + sizes[score]!);
      const outside = (1 + all[id]! - held[id * scores + score]!) / (1 + count - sizes[score]!);
      most = Math.max(most, Math.abs(Math.log(inside / outside)));
    }
    return 0.5 + 0.5 * most;
  });
}
