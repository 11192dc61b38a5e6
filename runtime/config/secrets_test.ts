import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { fillSecrets, redactSecrets, secretNames } from "./secrets.ts";

const source = (name: string) => ({ KEY: "abc-123", B: "x" })[name];

Deno.test("fillSecrets() fills every placeholder of known secrets, at any depth", () => {
  deepEqual(
    fillSecrets(
      { url: "pg://u:${KEY}@h", list: ["${B}", 3, null], more: { raw: "$${KEY}" } },
      source,
    ),
    { url: "pg://u:abc-123@h", list: ["x", 3, null], more: { raw: "${KEY}" } },
  );
  equal(fillSecrets("${UNKNOWN}", source), "${UNKNOWN}");
});

Deno.test("secretNames() finds placeholders, and not the escaped ones", () => {
  deepEqual([...secretNames({ a: "${KEY}${B}", b: ["$${NO}"] })], ["KEY", "B"]);
});

Deno.test("redactSecrets() leaves no secret in a text, whatever the secrets are", () => {
  const secret = fc.string({ minLength: 4 });
  fc.assert(fc.property(fc.string(), secret, fc.string(), (before, value, after) => {
    // A text in which the placeholder itself spells the secret cannot be told from one that leaks.
    fc.pre(!"${NAME}".includes(value) && !(before + after).includes(value));
    const redacted = redactSecrets(`${before}${value}${after}`, [{ name: "NAME", value }]);
    equal(redacted.includes("${NAME}"), true);
  }));
});

Deno.test("redactSecrets() takes the longer of two secrets first", () => {
  const secrets = [{ name: "A", value: "abcd" }, { name: "B", value: "abcdefgh" }];
  equal(redactSecrets("abcdefgh abcd", secrets), "${B} ${A}");
});
