import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { cutText, harmless, onOneLine, padEnd, padStart, textWidth } from "./text_width.ts";

const widths: readonly (readonly [text: string, columns: number])[] = [
  ["", 0],
  ["digits", 6],
  ["한옥", 4],
  ["한옥".normalize("NFD"), 4],
  ["漢字カナ", 8],
  ["e\u0301", 1],
  ["✓ ≡ ✗ ·", 7],
  ["ｶﾅ ＡＢ！", 9],
  ["、「한」", 8],
  ["⠋ ━━╌ ░▒▓█ → ½", 14],
  ["❤️ ❤", 4],
  ["a\u200bb", 2],
  ["각", 2],
  ["नि", 1],
  ["👍🏽", 2],
  ["👍", 2],
  ["👨‍👩‍👧", 2],
  ["🇰🇷", 2],
  ["\x1b[31mred\x1b[39m", 3],
];

for (const [text, columns] of widths) {
  Deno.test(`textWidth() of ${JSON.stringify(text)} is ${columns}`, () => {
    equal(textWidth(text), columns);
  });
}

Deno.test("cutText() marks what it cut and leaves what fits", () => {
  equal(cutText("abcdef", 6), "abcdef");
  equal(cutText("abcdef", 5), "abcd…");
  equal(cutText("한옥마을", 5), "한옥…");
  equal(cutText("abc", 0), "");
});

const text = fc.string({ unit: "grapheme", maxLength: 30 });

Deno.test("cutText() never takes more columns than it is given", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 40 }), (word, columns) => {
      ok(textWidth(cutText(word, columns)) <= columns);
    }),
    { seed: 7 },
  );
});

Deno.test("padEnd() and padStart() fill to the width, and cut nothing", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 40 }), (word, columns) => {
      const expected = Math.max(columns, textWidth(word));
      equal(textWidth(padEnd(word, columns)), expected);
      equal(textWidth(padStart(word, columns)), expected);
    }),
    { seed: 7 },
  );
});

Deno.test("harmless() keeps line breaks and takes colours away", () => {
  equal(harmless("a\n\x1b[31mb\x1b[0m\rc"), "a\nb\uFFFDc");
});

Deno.test("onOneLine() keeps a text from breaking the line or moving the cursor", () => {
  equal(onOneLine("a\n\tb \x1b[2Jc"), "a b c");
  equal(onOneLine("a\x07b"), "a\uFFFDb");
});
