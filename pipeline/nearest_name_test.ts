import { equal } from "node:assert/strict";
import fc from "fast-check";
import { didYouMean, nearestName } from "./nearest_name.ts";

const known = ["epochs", "batch_size", "learning_rate"];

for (
  const [given, nearest] of [
    ["epoch", "epochs"],
    ["epohcs", "epochs"],
    ["batchsize", "batch_size"],
    ["Learning_Rate", "learning_rate"],
    ["momentum", undefined],
    ["x", undefined],
  ] as const
) {
  Deno.test(`nearestName() takes "${given}" for ${nearest ?? "nothing known"}`, () => {
    equal(nearestName(given, known), nearest);
  });
}

Deno.test("nearestName() always finds a name that is known", () => {
  fc.assert(fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (names) => {
    for (const name of names) {
      equal(nearestName(name, names)?.toLowerCase(), name.toLowerCase());
    }
  }));
});

Deno.test("didYouMean() says nothing when nothing is near", () => {
  equal(didYouMean("epoch", known), ' (did you mean "epochs"?)');
  equal(didYouMean("zzz", known), "");
});
