import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import type { FittedNgrams, NgramFeature, Preprocessor, Row } from "../../pipeline/mod.ts";
import { decodeHashes, encodeHashes } from "./hash_list.ts";
import { openPreprocessing } from "./mod.ts";
import { openNgramCounts } from "./ngram_counts.ts";
import { openNgramHasher } from "./ngram_hashes.ts";

const port = openPreprocessing();
const FEATURE: NgramFeature = { column: "text", as: "ngrams" };
const FAMILIES = [
  { lengths: [1, 5], spaces: true },
  { lengths: [2, 4], spaces: false },
] as const;

async function fit(texts: readonly string[], feature: Partial<NgramFeature> = {}) {
  const rows = texts.map((text, i): Row => ({ text, label: i % 2 }));
  async function* read() {
    yield* await Promise.resolve(rows);
  }
  return await port.fit({ features: [{ ...FEATURE, ...feature }], label: "label" }, read());
}

/** What one text was encoded to: id → value, and how many places its row has. */
function encodeOne(preprocessor: Preprocessor, text: string) {
  const { ids, values } = preprocessor.encode([{ text }]);
  const used = [...values!.data].filter((value) => value !== 0).length;
  return new Map(
    Array.from({ length: used }, (_, i) => [Number(ids!.data[i]), Number(values!.data[i])]),
  );
}

/** All n-grams of a text as strings, as text.md words the rule; written to be obvious, not fast. */
function ngramsOf(text: string): string[] {
  const folded = ` ${text.toLowerCase().replace(/\s+/g, " ").trim()} `.replace(/^ +$/, " ");
  const whole = folded.replace(/([^ ])\1{3,}/gs, "$1$1$1");
  const dense = whole.replaceAll(" ", "");
  const cut = (of: string, family: string, from: number, to: number) =>
    Array.from(
      { length: of.length },
      (_, i) =>
        Array.from({ length: to - from + 1 }, (_, k) => from + k)
          .filter((n) => i + n <= of.length)
          .map((n) => `${family}${of.slice(i, i + n)}`),
    ).flat();
  return [...cut(whole, "a", 1, 5), ...cut(dense, "b", 2, 4)];
}

const korean = fc.string({
  unit: fc.constantFrom("가", "나", "ㅋ", " ", "\t", "a", "B", "\ud83d\ude00", "\0", "\ud800"),
  maxLength: 40,
});

Deno.test("an n-gram is kept when enough texts hold it, and every text finds the ones it holds", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(korean, { minLength: 4, maxLength: 12 }),
      fc.integer({ min: 1, max: 3 }),
      async (texts, minTexts) => {
        const held = texts.map(ngramsOf);
        const counts = new Map<string, number>();
        for (const each of held.flatMap((grams) => [...new Set(grams)])) {
          counts.set(each, (counts.get(each) ?? 0) + 1);
        }
        const kept = [...counts].filter(([, count]) => count >= minTexts).map(([gram]) => gram);
        fc.pre(kept.length > 0);

        const fitted = await fit(texts, { minTexts });
        const preprocessor = port.open(JSON.parse(JSON.stringify(fitted)));

        equal(fitted.width, kept.length);
        texts.forEach((text, i) => {
          const expected = held[i]!.filter((gram) => counts.get(gram)! >= minTexts);
          const found = encodeOne(preprocessor, text);
          equal(found.size, new Set(expected).size);
          const values = [...new Set(expected)].map((gram) =>
            Math.fround(1 + Math.log(expected.filter((other) => other === gram).length))
          );
          deepEqual([...found.values()].sort(), values.sort());
        });
      },
    ),
    { seed: 4, numRuns: 60 },
  );
});

Deno.test("texts that differ in case, white space or the length of a run only are the same", async () => {
  const preprocessor = port.open(
    await fit(["Wow ㅋㅋㅋ 좋다", "wow ㅋㅋㅋ 좋다", "별로"], { minTexts: 1 }),
  );
  const same = ["wow ㅋㅋㅋ 좋다", "  WOW\t\u3000ㅋㅋㅋㅋㅋㅋㅋ 좋다\n", "wOw ㅋㅋㅋㅋ\u00a0좋다"];

  const found = same.map((text) => encodeOne(preprocessor, text));

  deepEqual(found[1], found[0]);
  deepEqual(found[2], found[0]);
  ok(encodeOne(preprocessor, "wowㅋㅋㅋ좋다").size < found[0]!.size);
});

Deno.test("a batch gives each text what it gets alone, and 0 where it ends", async () => {
  const texts = ["아주 좋은 영화", "", "나쁜 영화", "x".repeat(500), "😀😀"];
  const preprocessor = port.open(await fit([...texts, ...texts], { minTexts: 2 }));

  const { ids, values } = preprocessor.encode(texts.map((text) => ({ text })));

  const [count, length] = ids!.shape as [number, number];
  equal(count, texts.length);
  texts.forEach((text, row) => {
    const alone = encodeOne(preprocessor, text);
    const place = row * length;
    deepEqual(
      [...values!.data.subarray(place, place + length)].filter((value) => value !== 0).length,
      alone.size,
    );
    for (let i = 0; i < alone.size; i++) {
      equal(values!.data[place + i], alone.get(Number(ids!.data[place + i])));
    }
  });
});

Deno.test("only maxLength characters of a text are read", async () => {
  const preprocessor = port.open(await fit(["abcdef", "abcdef"], { minTexts: 1, maxLength: 3 }));

  deepEqual(encodeOne(preprocessor, "abcxyz".repeat(200_000)), encodeOne(preprocessor, "abc"));
  ok(encodeOne(preprocessor, "abc").size > 0);
});

Deno.test("counts are exact over many more n-grams than wait at once", async () => {
  const counts = openNgramCounts();
  const expected = new Map<number, number>();
  const hashes = new Int32Array(5000);
  for (let text = 0; text < 200; text++) {
    for (let i = 0; i < hashes.length; i++) {
      // Few of the high bits, so that single tables fill up, grow and are settled many times.
      const gram = i < 2000 ? i : 2000 + 4000 * text + i;
      hashes[i] = Math.imul(gram + 1, 0x9e3779b1) & 0x80ffffff | 1;
    }
    counts.add(hashes, hashes.length);
    for (const hash of new Set(hashes)) expected.set(hash, (expected.get(hash) ?? 0) + 1);
  }

  const frequent = await counts.frequent(15);

  const wanted = [...expected].filter(([, count]) => count >= 15).map(([hash]) => hash >>> 0);
  deepEqual([...frequent], wanted.sort((a, b) => a - b));
  ok(wanted.length > 1000 && wanted.length < expected.size);
});

Deno.test("hashes do not depend on the texts before, and none is 0", () => {
  const hasher = openNgramHasher({ families: FAMILIES, maxLength: 64 });
  const once = hasher.hashes.slice(0, hasher.read("한 번 더"));
  hasher.read("something else that is longer");

  const again = hasher.hashes.slice(0, hasher.read("한 번 더"));

  deepEqual(again, once);
  equal(once.includes(0), false);
  equal(new Set(once).size, once.length - 3, "spaces repeat; nothing else may collide here");
});

Deno.test("encodeHashes() keeps every number; decodeHashes() refuses what it did not write", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 0xffff_ffff })), (numbers) => {
      const hashes = Uint32Array.from(numbers).sort();
      const text = encodeHashes(hashes);
      deepEqual(decodeHashes(text, hashes.length), hashes);
      equal(decodeHashes(text, hashes.length + 1), undefined);
      if (hashes.length > 1) equal(decodeHashes(text, hashes.length - 1), undefined);
    }),
    { seed: 1 },
  );
  equal(decodeHashes("not base64!", 1), undefined);
  equal(decodeHashes(Uint8Array.of(1, 0).toBase64(), 2), undefined);
  equal(decodeHashes(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f).toBase64(), 1), undefined);
  equal(decodeHashes(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 1).toBase64(), 1), undefined);
});

Deno.test("fit() refuses n-grams beside other features, and impossible numbers", async () => {
  const rows = () =>
    (async function* (): AsyncGenerator<Row> {
      yield await Promise.resolve({ text: "a", fee: 1, label: 0 });
    })();
  await rejects(
    () =>
      port.fit({ features: [FEATURE, { column: "fee", as: "number" }], label: "label" }, rows()),
    { code: "preprocessing/bad-spec" },
  );
  await rejects(() => fit(["a"], { minTexts: 16 }), /minTexts of "text" is 16/);
  await rejects(() => fit(["a"], { families: [{ lengths: [3, 2], spaces: true }] }), /families/);
  await rejects(() => fit(["a", "b"], { minTexts: 3 }), { code: "preprocessing/nothing-to-learn" });
});

Deno.test("fit() and encode() name rows without a text", async () => {
  const rows: Row[] = [{ text: "a", label: 0 }, { text: null, label: 1 }];
  const read = () =>
    (async function* () {
      yield* await Promise.resolve(rows);
    })();
  await rejects(
    () => port.fit({ features: [FEATURE], label: "label" }, read()),
    /row 2, column "text": expected a text, found nothing/,
  );
  const preprocessor = port.open(await fit(["a", "b", "a"], { minTexts: 1 }));
  throws(() => preprocessor.encode([{ text: "a" }, { txt: "b" }]), /row 2.*did you mean/s);
});

Deno.test("open() refuses damaged n-grams", async () => {
  const fitted = await fit(["abc", "abd", "abe"]);
  const [feature] = fitted.features as [FittedNgrams];
  const damaged: readonly Partial<FittedNgrams>[] = [
    { count: feature.count + 1 },
    { hashes: feature.hashes.slice(8) },
    { maxLength: 0 },
    { families: [] },
  ];
  for (const each of damaged) {
    throws(
      () => port.open({ ...fitted, features: [{ ...feature, ...each }] }),
      { code: "preprocessing/damaged" },
      Object.keys(each).join(),
    );
  }
  throws(() => port.open({ ...fitted, features: [feature, feature], width: 2 * fitted.width }), {
    code: "preprocessing/damaged",
  });
});
