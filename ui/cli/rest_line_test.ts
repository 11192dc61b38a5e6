import { deepEqual } from "node:assert/strict";
import { restLine } from "./rest_line.ts";

Deno.test("restLine() tells of a list that was cut, and says nothing of a whole one", () => {
  deepEqual(restLine("versions", { shown: 20, all: 153 }), [
    "20 of 153 versions; --limit shows more",
  ]);
  deepEqual(restLine("versions", { shown: 3, all: 3 }), []);
});
