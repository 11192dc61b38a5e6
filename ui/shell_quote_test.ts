import { equal } from "node:assert/strict";
import { shellQuote } from "./shell_quote.ts";

const words: readonly (readonly [word: string, typed: string])[] = [
  ["digits", "digits"],
  ["digits@champion", "digits@champion"],
  ["한옥/3", "한옥/3"],
  ["", "''"],
  ["two words", "'two words'"],
  ["it's", `'it'\\''s'`],
  ["$HOME", "'$HOME'"],
];

for (const [word, typed] of words) {
  Deno.test(`shellQuote() of ${JSON.stringify(word)}`, () => equal(shellQuote(word), typed));
}

Deno.test("shellQuote() is read back by a shell", async () => {
  const word = `a 'b' "c" $D \\ e\nf`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `printf %s ${shellQuote(word)}`] })
    .output();

  equal(new TextDecoder().decode(stdout), word);
});
