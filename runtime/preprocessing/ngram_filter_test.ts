import { deepEqual, equal, ok } from "node:assert/strict";
import { openNgramFilter } from "./ngram_filter.ts";
import { openNgramHasher } from "./ngram_hashes.ts";

const families = [{ lengths: [1, 5], spaces: true }] as const;
const texts = ["다시 보고 싶은 영화", "시간이 아깝다 ㅋㅋㅋㅋ", "abc"];

function hashesOf(text: string, known?: ReturnType<typeof openNgramFilter>): number[] {
  const hasher = openNgramHasher({ families, maxLength: 64 }, known);
  return [...hasher.hashes.subarray(0, hasher.read(text))];
}

Deno.test("openNgramFilter() lets every n-gram of the texts it knows pass, and few others", () => {
  const known = new Set(texts.slice(0, 2).flatMap((text) => hashesOf(text)));

  const filter = openNgramFilter(Uint32Array.from(known, (hash) => hash >>> 0).sort());

  for (const text of texts.slice(0, 2)) deepEqual(hashesOf(text, filter), hashesOf(text));
  ok(hashesOf(texts[2]!, filter).length < hashesOf(texts[2]!).length / 2);
});

Deno.test("openNgramFilter() is left out when there is very much to know", () => {
  equal(openNgramFilter(new Uint32Array((1 << 18) + 1)), undefined);
});
