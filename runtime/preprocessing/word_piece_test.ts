import { Tokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { deepEqual, equal } from "node:assert/strict";
import type { WordPieceTokenizer } from "../../pipeline/mod.ts";
import { openWordPiece } from "./word_piece.ts";

const special = { unknown: "[UNK]", begin: "[CLS]", end: "[SEP]", padding: "[PAD]" };

function tokenizerOf(
  words: readonly string[],
  rules: Partial<WordPieceTokenizer> = {},
): WordPieceTokenizer {
  return {
    vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...words],
    lowercase: false,
    stripAccents: false,
    cutChinese: true,
    special,
    ...rules,
  };
}

const KOREAN = tokenizerOf([
  ..."다시보고싶은영화최ㅋ!?.,~^[]SEPaA漢1",
  ...[..."다시보고싶은영화최ㅋ는가A1"].map((letter) => `##${letter}`),
  ...["영화", "##영화", "다시", "보고", "##은", "최고", "ㅋㅋ", "##ㅋㅋ", "…", "¿", "é", "e", "😀"],
]);

function tokensOf(tokenizer: WordPieceTokenizer, text: string, maxLength = 512): string[] {
  const { ids } = openWordPiece(tokenizer).tokenize([text], maxLength);
  return Array.from(ids, (id) => tokenizer.vocabulary[id]!);
}

const CASES = [
  {
    title: "the longest pieces first",
    text: "다시 보고싶은영화",
    tokens: "다시 보고 ##싶 ##은 ##영화",
  },
  {
    title: "one unknown piece makes the whole word unknown",
    text: "영화관 최고",
    tokens: "[UNK] 최고",
  },
  { title: "each punctuation mark alone", text: "최고!!…", tokens: "최고 ! ! …" },
  { title: "Chinese characters alone, Hangul not", text: "漢漢영화", tokens: "漢 漢 영화" },
  { title: "special tokens in a text as text", text: "[SEP]", tokens: "[ [UNK] ]" },
  {
    title: "control characters, NUL and halves of pairs away",
    text: "영\0화\ud800 최\u200b고",
    tokens: "영화 최고",
  },
  { title: "any white space between words", text: "\t최고\u3000영화\r\n", tokens: "최고 영화" },
  { title: "a pair of surrogates as one character", text: "😀 😂", tokens: "😀 [UNK]" },
  { title: "only spaces as nothing", text: " \t\n", tokens: "" },
  { title: "the empty text as nothing", text: "", tokens: "" },
  {
    title: "a word of more than 100 characters as unknown",
    text: "ㅋ".repeat(101),
    tokens: "[UNK]",
  },
];

for (const { title, text, tokens } of CASES) {
  Deno.test(`openWordPiece() takes ${title}`, () => {
    deepEqual(tokensOf(KOREAN, text), ["[CLS]", ...tokens.split(" ").filter(Boolean), "[SEP]"]);
  });
}

Deno.test("openWordPiece() takes 100 characters for a word still", () => {
  equal(tokensOf(KOREAN, "ㅋ".repeat(100)).length, 52);
});

Deno.test("openWordPiece() lowers and strips accents when it is told to", () => {
  const cased = tokenizerOf(["cafe", "CAFÉ", "café"], { lowercase: true, stripAccents: true });

  deepEqual(tokensOf(cased, "CAFÉ"), ["[CLS]", "cafe", "[SEP]"]);
  deepEqual(tokensOf({ ...cased, stripAccents: false }, "CAFÉ"), ["[CLS]", "café", "[SEP]"]);
  deepEqual(tokensOf({ ...cased, lowercase: false, stripAccents: false }, "CAFÉ")[1], "CAFÉ");
});

Deno.test("openWordPiece() cuts long texts, keeps their end, and counts them and the unknown", () => {
  const wordPiece = openWordPiece(KOREAN);

  const found = wordPiece.tokenize(
    ["최고 최고 최고", "최고 최고", "냠 최고", "ㅋ".repeat(1 << 20)],
    4,
  );

  const rows = Array.from(
    found.ends,
    (end, i) =>
      [...found.ids.subarray(found.ends[i - 1] ?? 0, end)]
        .map((id) => KOREAN.vocabulary[id]),
  );
  deepEqual(rows, [
    ["[CLS]", "최고", "최고", "[SEP]"],
    ["[CLS]", "최고", "최고", "[SEP]"],
    ["[CLS]", "[UNK]", "최고", "[SEP]"],
    ["[CLS]", "[UNK]", "[SEP]"],
  ]);
  equal(found.unknown, 2);
  equal(found.truncated, 1);
});

for (const lowercase of [false, true]) {
  Deno.test(`openWordPiece() gives the ids of Hugging Face's tokenizer${lowercase ? ", lower case" : ""}`, () => {
    const ours = { ...KOREAN, lowercase, stripAccents: lowercase };
    const theirs = new Tokenizer(tokenizerJson(ours), {});
    const wordPiece = openWordPiece(ours);
    const letter = fc.oneof(
      fc.constantFrom(..."다시보고싶은영화최ㅋ는가 !?.,~^[]aAé漢1😀…¿$+\t\u3000\u200b\ufffd"),
      fc.integer({ min: 0xac00, max: 0xd7a3 }).map((point) => String.fromCodePoint(point)),
    );
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 40 }).map((all) => all.join("")), (text) => {
        deepEqual([...wordPiece.tokenize([text], 512).ids], theirs.encode(text).ids);
      }),
      { seed: 4, numRuns: 400 },
    );
  });
}

/** The same tokenizer as a tokenizer.json. */
function tokenizerJson({ vocabulary, lowercase, stripAccents }: WordPieceTokenizer): object {
  return {
    version: "1.0",
    added_tokens: [],
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: stripAccents,
      lowercase,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "BertProcessing",
      sep: ["[SEP]", vocabulary.indexOf("[SEP]")],
      cls: ["[CLS]", vocabulary.indexOf("[CLS]")],
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    },
  };
}
