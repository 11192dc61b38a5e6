import { equal } from "node:assert/strict";
import { ExplainedError } from "../../pipeline/mod.ts";
import { explainOpening } from "./explain_opening.ts";

const file = {
  path: "/nowhere/of all/rows.csv",
  shown: "rows.csv",
  signal: new AbortController().signal,
};

const errors: readonly { error: Error; code: string }[] = [
  { error: new Deno.errors.PermissionDenied("os error 13"), code: "dataset/unreadable-file" },
  { error: new Deno.errors.NotCapable("--allow-read"), code: "dataset/unreadable-file" },
  { error: new Deno.errors.NotFound("os error 2"), code: "dataset/missing-file" },
  { error: new Deno.errors.NotADirectory("os error 20"), code: "dataset/missing-file" },
];

for (const { error, code } of errors) {
  Deno.test(`explainOpening() makes ${code} of ${error.name}`, async () => {
    const explained = await explainOpening(file, error);

    equal(explained instanceof ExplainedError && explained.code, code);
    equal(explained instanceof ExplainedError && explained.cause, error);
  });
}

Deno.test("explainOpening() hands back what it knows nothing about", async () => {
  const error = new Error("disk on fire");

  equal(await explainOpening(file, error), error);
});
