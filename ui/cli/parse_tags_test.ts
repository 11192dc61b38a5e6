import { deepEqual, throws } from "node:assert/strict";
import { parseTags } from "./parse_tags.ts";

Deno.test("parseTags() cuts at the first equals sign", () => {
  deepEqual(parseTags(["team=vision", "url=a=b", "empty="]), {
    team: "vision",
    url: "a=b",
    empty: "",
  });
});

Deno.test("parseTags() names every word that is no tag", () => {
  throws(() => parseTags(["team", "=x", "a=b"]), /--tag team.*--tag =x/s);
});
