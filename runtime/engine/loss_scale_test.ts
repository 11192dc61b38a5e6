import { equal } from "node:assert/strict";
import { openLossScale, startingLossScale } from "./loss_scale.ts";

Deno.test("openLossScale() halves until nothing is left, and doubles after 500 good updates", () => {
  const kept = startingLossScale();
  const scale = openLossScale(kept);
  equal(scale.value, 32768);
  for (let i = 0; i < 499; i++) scale.raise();
  equal(scale.value, 32768);
  scale.raise();
  equal(scale.value, 65536);

  for (let i = 0; i < 16; i++) equal(scale.lower(), true);
  equal(scale.value, 1);
  equal(scale.lower(), false);
  equal(openLossScale(kept).value, 1);
});
