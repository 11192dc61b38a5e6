import { deepEqual, equal, throws } from "node:assert/strict";
import { registrationChoices, registrationMessage, requireKeyboard } from "./prompts.ts";
import type { Terminal } from "./terminal.ts";

const question = {
  model: "digits",
  metrics: { brier: 0.03, f1_macro: 0.98, accuracy: 0.9833, kappa: 0.9 },
  champion: 3,
  promote: "auto",
} as const;

Deno.test("registrationMessage() says what was measured and what is champion now", () => {
  equal(
    registrationMessage(question),
    "Register digits?\naccuracy 0.9833 · f1_macro 0.98 · brier 0.03 · version 3 is champion",
  );
  equal(
    registrationMessage({ ...question, metrics: {}, champion: null }),
    "Register digits?\nit has no champion yet",
  );
});

Deno.test("registrationChoices() says what the champion would replace", () => {
  deepEqual(registrationChoices(question).map(({ value, hint }) => [value, hint]), [
    ["champion", "replaces version 3"],
    ["candidate", "waits for `models approve`"],
    ["no", "the run is kept, nothing is registered"],
  ]);
});

Deno.test("requireKeyboard() fails at once where nobody can answer", () => {
  const without = { canAsk: false } as Terminal;
  throws(() => requireKeyboard(without, "reset", "Add --yes"), {
    code: "cli/usage",
    fix: "Add --yes",
  });
});
