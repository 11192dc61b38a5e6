import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { textFacts } from "./text_facts.ts";

const NONE = { hangul: 0, latin: 0, cjk: 0, digits: 0, signs: 0 };

for (
  const [text, facts] of [
    ["", { length: 0, ...NONE }],
    ["  \n", { length: 3, ...NONE }],
    ["좋아요", { length: 3, ...NONE, hangul: 1 }],
    ["ㅋㅋ ok", { length: 5, ...NONE, hangul: 0.5, latin: 0.5 }],
    ["10점!👍", { length: 5, ...NONE, hangul: 0.2, digits: 0.4, signs: 0.4 }],
    ["映画 と", { length: 4, ...NONE, cjk: 1 }],
  ] as const
) {
  Deno.test(`textFacts() counts characters and scripts of ${JSON.stringify(text)}`, () => {
    deepEqual(textFacts(text), facts);
  });
}

Deno.test("textFacts() gives shares of one whole, however odd the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      const { length, ...shares } = textFacts(text);

      ok(length <= text.length);
      const sum = Object.values(shares).reduce((total, share) => total + share, 0);
      ok(Object.values(shares).every((share) => share >= 0) && sum <= 1 + 1e-9, `${sum}`);
    }),
    { seed: 7, numRuns: 300 },
  );
});
