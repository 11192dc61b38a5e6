import { deepEqual, equal, ok } from "node:assert/strict";
import { ExplainedError, listProblems } from "../../pipeline/mod.ts";
import { colourPaint } from "./paint.ts";
import { explainError, isWrongUsage, renderError } from "./render_error.ts";

const error = new ExplainedError("config/invalid", {
  what: "Cannot use configs/iris/default.yaml",
  why: listProblems(["line 3: epochs is 0", "line 5: no such key"]),
  fix: "Correct the file",
});

Deno.test("renderError() says what, why, fix and code, continuation lines indented", async (t) => {
  await t.assertSnapshot(renderError(error, { trace: false }).join("\n"));
});

Deno.test("renderError() says of an error nobody explained that it is our bug", async (t) => {
  await t.assertSnapshot(
    renderError(new TypeError("x is no function"), { trace: false }).join("\n"),
  );
});

Deno.test("renderError() shows the stack and those of causes only when asked", () => {
  const outer = new ExplainedError("step/failed", {
    what: "Cannot finish",
    why: "no",
    fix: "Try",
    cause: new RangeError("inner"),
  });

  const [plain, traced] = [false, true].map((trace) => renderError(outer, { trace }).join("\n"));

  ok(!plain!.includes("    at "));
  ok(traced!.includes("    at ") && traced!.includes("caused by:\n  RangeError: inner"));
});

Deno.test("renderError() means the same without colour", () => {
  const coloured = renderError(error, { trace: false, paint: colourPaint }).join("\n");
  // deno-lint-ignore no-control-regex -- colour codes are what is taken away
  const stripped = coloured.replace(/\x1b\[\d+m/g, "");
  equal(stripped, renderError(error, { trace: false }).join("\n"));
});

Deno.test("explainError() keeps what was thrown without being an error", () => {
  deepEqual(explainError("boom").why, "boom");
});

const usage: readonly (readonly [code: string, isUsage: boolean])[] = [
  ["cli/usage", true],
  ["config/unknown-key", true],
  ["pipeline/unknown", true],
  ["run/unknown-node", true],
  ["run/unknown", true],
  ["run/ambiguous", true],
  ["registry/unknown-model", true],
  ["serving/bad-input", true],
  ["cli/file-exists", true],
  ["registry/not-a-model", true],
  ["store/damaged", false],
  ["hanok/bug", false],
  ["registry/champion-moved", false],
  ["cli/cannot-write", false],
];

for (const [code, isUsage] of usage) {
  Deno.test(`isWrongUsage() of ${code} is ${isUsage}`, () => equal(isWrongUsage(code), isUsage));
}
