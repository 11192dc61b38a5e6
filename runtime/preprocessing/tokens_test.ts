import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { FittedTokens, Row, WordPieceTokenizer } from "../../pipeline/mod.ts";
import { openPreprocessing } from "./mod.ts";

const { fit, open, tokenize, learnVocabulary } = openPreprocessing();

const special = { unknown: "[UNK]", begin: "[CLS]", end: "[SEP]", padding: "[PAD]" };
const rules = { lowercase: false, stripAccents: false, cutChinese: true };
const tokenizer: WordPieceTokenizer = {
  vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "영화", "##가", "최고", "별로"],
  special,
  ...rules,
};
const feature = { column: "document", as: "tokens", tokenizer, maxLength: 12 } as const;

async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

const rows: readonly Row[] = [
  { document: "영화가 최고", label: "좋음" },
  { document: "별로", label: "나쁨" },
];

Deno.test("fit() and open() make tokens of texts, as many as the longest needs", async () => {
  const fitted = await fit({ features: [feature], label: "label" }, each(rows));
  const { encode, countTokens } = open(fitted);

  const { input_ids: ids, attention_mask: mask } = encode(rows);

  equal(fitted.width, tokenizer.vocabulary.length);
  deepEqual(ids!.shape, [2, 5]);
  deepEqual(Array.from(ids!.data, Number), [2, 4, 5, 6, 3, 2, 7, 3, 0, 0]);
  deepEqual(Array.from(mask!.data, Number), [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
  const long = "최고 ".repeat(50);
  deepEqual(encode([{ document: long }]).input_ids!.shape, [1, 12]);
  deepEqual(["영화가 최고", "별로", long, ""].map((text) => countTokens!(text)), [5, 3, 12, 2]);
});

Deno.test("open() reads back what was kept as JSON, and refuses what could not work", async () => {
  const fitted = await fit({ features: [feature], label: "label" }, each(rows));

  deepEqual(open(JSON.parse(JSON.stringify(fitted))).encode(rows), open(fitted).encode(rows));

  const damaged = structuredClone(fitted) as unknown as { features: [{ tokenizer: unknown }] };
  damaged.features[0].tokenizer = { ...tokenizer, vocabulary: ["[PAD]"] };
  await rejects(async () => await open(damaged as never), { code: "preprocessing/damaged" });
});

Deno.test("fit() refuses tokens beside other features, and a tokenizer without its special tokens", async () => {
  const other = { column: "id", as: "number" } as const;
  await rejects(() => fit({ features: [feature, other], label: "label" }, each(rows)), {
    why: /the tokens of "document" stand beside other features/,
  });
  const bad = { ...feature, tokenizer: { ...tokenizer, special: { ...special, end: "</s>" } } };
  await rejects(() => fit({ features: [bad], label: "label" }, each(rows)), {
    why: /the vocabulary has no token "<\/s>" for end/,
  });
});

Deno.test("encode() refuses what is no text", async () => {
  const fitted = await fit({ features: [feature], label: "label" }, each(rows));

  await rejects(async () => await open(fitted).encode([{ document: 4 }]), {
    code: "preprocessing/bad-rows",
  });
});

Deno.test("tokenize() gives on many workers, in order, what one text after the other gives", async () => {
  const texts = Array.from(
    { length: 40 },
    (_, i) => "최고 영화가 ".repeat(i % 9) + "몰라".repeat(i % 2),
  );
  const lists = Array.from({ length: 10 }, (_, i) => texts.slice(4 * i, 4 * i + 4));

  const parts = await Array.fromAsync(tokenize(feature, each(lists)));

  const whole = await Array.fromAsync(tokenize(feature, each([texts])));
  equal(parts.length, 10);
  deepEqual(parts.flatMap(({ ids }) => [...ids]), [...whole[0]!.ids]);
  const sum = (name: "unknown" | "truncated") => parts.reduce((all, part) => all + part[name], 0);
  equal(sum("unknown"), whole[0]!.unknown);
  equal(sum("truncated"), whole[0]!.truncated);
  ok(sum("unknown") > 0 && sum("truncated") > 0);
  deepEqual(await Array.fromAsync(tokenize(feature as FittedTokens, each([]))), []);
});

Deno.test("learnVocabulary() joins what stands together most often", async () => {
  const texts = Array.from({ length: 12 }, (_, i) => i % 3 === 0 ? "영화관" : "영화가 최고");
  const options = { ...rules, size: 100, alphabet: 20, special: Object.values(special) };

  const vocabulary = await learnVocabulary(each(texts), options);

  deepEqual(vocabulary.slice(0, 4), Object.values(special));
  deepEqual(vocabulary.slice(16), ["영화", "최고", "영화가", "영화관"]);
  deepEqual(await learnVocabulary(each(texts), options), vocabulary);
  deepEqual(await learnVocabulary(each(texts), { ...options, size: 17 }), vocabulary.slice(0, 17));
});

Deno.test("learnVocabulary() leaves rare characters out", async () => {
  const texts = ["가나", "가나", "가나", "뷁뷁"];

  const vocabulary = await learnVocabulary(each(texts), {
    ...{ ...rules, size: 100, alphabet: 2, special: ["[UNK]"] },
  });

  deepEqual(vocabulary, ["[UNK]", "가", "나", "##가", "##나", "가나"]);
});
