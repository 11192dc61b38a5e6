import { deepEqual, equal, throws } from "node:assert/strict";
import { parseTokenizer } from "./parse_tokenizer.ts";

const VOCABULARY = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n영화\n##가\n";
const none = { json: undefined, config: undefined, vocabulary: undefined };

function tokenizerJson(model: object, normalizer: object = {}): string {
  const vocab = Object.fromEntries(VOCABULARY.trim().split("\n").map((token, id) => [token, id]));
  return JSON.stringify({ normalizer, model: { type: "WordPiece", vocab, ...model } });
}

Deno.test("parseTokenizer() reads vocab.txt with any line ends, and what tokenizer_config.json says", () => {
  const config = JSON.stringify({ do_lower_case: false, model_max_length: 300 });

  const tokenizer = parseTokenizer({ ...none, config, vocabulary: VOCABULARY });

  deepEqual(tokenizer, {
    vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "영화", "##가"],
    lowercase: false,
    stripAccents: false,
    cutChinese: true,
    special: { unknown: "[UNK]", begin: "[CLS]", end: "[SEP]", padding: "[PAD]" },
  });
  deepEqual(
    parseTokenizer({ ...none, config, vocabulary: VOCABULARY.replaceAll("\n", "\r\n") }),
    tokenizer,
  );
});

Deno.test("parseTokenizer() takes what is not said as BERT does: lower case, no accents", () => {
  const { lowercase, stripAccents } = parseTokenizer({ ...none, vocabulary: VOCABULARY });

  deepEqual([lowercase, stripAccents], [true, true]);
});

Deno.test("parseTokenizer() reads tokenizer.json when it is alone", () => {
  const json = tokenizerJson({}, {
    lowercase: false,
    strip_accents: null,
    handle_chinese_chars: false,
  });
  const config = JSON.stringify({ cls_token: { content: "[MASK]" } });

  const tokenizer = parseTokenizer({ ...none, json, config });

  equal(tokenizer.vocabulary[6], "##가");
  deepEqual([tokenizer.lowercase, tokenizer.stripAccents, tokenizer.cutChinese], [
    false,
    false,
    false,
  ]);
  equal(tokenizer.special.begin, "[MASK]");
});

const BAD = [
  {
    title: "another kind of tokenizer",
    json: tokenizerJson({ type: "BPE" }),
    says: /is a BPE, and not WordPiece/,
  },
  {
    title: "another mark",
    json: tokenizerJson({ continuing_subword_prefix: "@@" }),
    says: /with "@@", and not "##"/,
  },
  { title: "no JSON", json: "{", says: /tokenizer\.json: / },
  { title: "no special tokens", vocabulary: "영화\n", says: /has no \[CLS\]/ },
  {
    title: "a damaged config",
    vocabulary: VOCABULARY,
    config: "[]",
    says: /tokenizer_config\.json is no object/,
  },
];

for (const { title, says, ...files } of BAD) {
  Deno.test(`parseTokenizer() refuses ${title}`, () => {
    throws(() => parseTokenizer({ ...none, ...files }), says);
  });
}
