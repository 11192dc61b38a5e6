import { deepEqual, rejects } from "node:assert/strict";
import { fakeCatalog } from "./_fake_models.ts";
import { resolveTarget } from "./serving_target.ts";

const catalog = fakeCatalog([], {
  digits: [1],
  "team/digits": [1],
  "team/digits/3": [1],
  "a@b": [1],
  "손글씨 숫자": [1],
});

for (
  const [text, target] of [
    ["digits", { name: "digits", alias: "champion" }],
    ["digits@candidate", { name: "digits", alias: "candidate" }],
    ["digits/12", { name: "digits", version: 12 }],
    ["team/digits", { name: "team/digits", alias: "champion" }],
    ["team/digits/2", { name: "team/digits", version: 2 }],
    ["team/digits/3", { name: "team/digits/3", alias: "champion" }],
    ["team/digits/3/4", { name: "team/digits/3", version: 4 }],
    ["a@b", { name: "a@b", alias: "champion" }],
    ["a@b@c", { name: "a@b", alias: "c" }],
    ["손글씨 숫자@champion", { name: "손글씨 숫자", alias: "champion" }],
  ] as const
) {
  Deno.test(`resolveTarget() reads ${text}`, async () => {
    deepEqual(await resolveTarget(text, catalog), target);
  });
}

Deno.test("resolveTarget() knows the nearest name of an unknown one", async () => {
  await rejects(resolveTarget("digist@champion", catalog), {
    code: "serving/unknown-model",
    message: /Cannot find model "digist".*did you mean "digits"/,
  });
});
