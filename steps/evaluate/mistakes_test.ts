import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { keepMistakes } from "./mistakes.ts";

Deno.test("keepMistakes() keeps the most confident of any number, the earlier of equals", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 5 }), (confidences, limit) => {
      const mistakes = confidences.map((tenths, row) => ({
        row,
        input: {},
        label: "a",
        predicted: "b",
        confidence: tenths / 20,
      }));
      const kept = keepMistakes(limit);
      mistakes.forEach(kept.add);

      const expected = mistakes.toSorted((a, b) => b.confidence - a.confidence).slice(0, limit);
      deepEqual(kept.list(), expected);
    }),
    { seed: 11 },
  );
});
