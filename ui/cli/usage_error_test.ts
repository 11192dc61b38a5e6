import { equal } from "node:assert/strict";
import { fromCommander, unknownCommand } from "./usage_error.ts";

const messages: readonly (readonly [message: string, why: string])[] = [
  [
    "error: unknown option '--forc'\n(Did you mean --force?)",
    'there is no option "--forc" (did you mean "--force"?)',
  ],
  ["error: missing required argument 'node'", "`run` needs <node>"],
  [
    "error: option '-s, --set <key=value>' argument missing",
    'option "-s, --set <key=value>" argument missing',
  ],
  [
    "error: too many arguments for 'run'. Expected 1 argument but got 2.",
    "there are too many words: 1 expected",
  ],
  [
    "error: option '-e, --engine <engine>' argument 'x' is invalid. Allowed choices are auto, cpu.",
    'option "-e, --engine <engine>" argument "x" is invalid. Allowed choices are auto, cpu.',
  ],
];

for (const [message, why] of messages) {
  Deno.test(`fromCommander() says: ${why}`, () => {
    const error = fromCommander(message, "run");

    equal(error.why, why);
    equal(error.code, "cli/usage");
  });
}

Deno.test("unknownCommand() names the nearest one", () => {
  equal(
    unknownCommand("exlpain", ["run", "explain"]).why,
    'there is no command "exlpain" (did you mean "explain"?)',
  );
});
