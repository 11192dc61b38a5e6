import { deepEqual, equal } from "node:assert/strict";
import { ExplainedError } from "../../pipeline/mod.ts";
import { errorFacts } from "./error_facts.ts";

Deno.test("errorFacts() keeps what an explained error says, also of another copy of the class", () => {
  const facts = { what: "Cannot toy", why: "it broke", fix: "Mend it", code: "toy/broken" };
  const foreign = Object.assign(new Error("x"), facts);

  deepEqual(errorFacts(new ExplainedError("toy/broken", facts), "node"), facts);
  deepEqual(errorFacts(foreign, "node"), facts);
});

Deno.test("errorFacts() tells a full disk apart from a mistake in the step", () => {
  const full = Object.assign(new Error("No space left on device (os error 28)"), {
    code: "ENOSPC",
  });

  equal(errorFacts(full, "split").code, "store/disk-full");
  deepEqual(errorFacts(new RangeError("too far"), "split"), {
    what: 'Cannot finish step "split"',
    why: "RangeError: too far",
    fix: "Correct the step's code; --trace shows where it was thrown",
    code: "step/failed",
  });
  equal(errorFacts("a text", "split").why, "a text");
});
