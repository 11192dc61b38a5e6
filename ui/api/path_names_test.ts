import { deepEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { pathNames } from "./path_names.ts";

Deno.test("pathNames() finds any name again that was encoded", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) =>
    text !== "." && text !== ".." && text.isWellFormed()
  );
  fc.assert(
    fc.property(name, (text) => {
      const url = `http://localhost/models/${encodeURIComponent(text)}/predict?x=1`;

      deepEqual(pathNames(url), ["models", text, "predict"]);
    }),
    { seed: 7 },
  );
});

for (const name of ["team/digits", "a@b", "손글씨 숫자", "100%", "a%2Fb", "..%2f", "a?b#c"]) {
  Deno.test(`pathNames() finds ${name} again`, () => {
    deepEqual(pathNames(`http://h/models/${encodeURIComponent(name)}`), ["models", name]);
  });
}

Deno.test("pathNames() refuses a broken percent code", () => {
  throws(() => pathNames("http://h/models/%E0%A4%A"), { code: "request/bad-path", status: 400 });
});
