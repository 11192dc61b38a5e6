import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { definitionOf, type Row } from "../../pipeline/mod.ts";
import { openPreprocessing } from "../../runtime/preprocessing/mod.ts";
import { type FakeContext, openFakeContext, runStep } from "../_fake_context.ts";
import { readSplit } from "./token_files.ts";
import { tokenize } from "./tokenize.ts";
import { tokenizer } from "./tokenizer.ts";

const VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "영화", "##가", "최고", "별로"];
const columns = { document: "string", label: "string" } as const;
const rows: readonly Row[] = [
  { document: "영화가 최고", label: "긍정" },
  { document: "별로", label: "부정" },
  { document: "뷁 최고 최고 최고", label: "긍정" },
];
const params = { column: "document", label: "label", max_length: 5 };

async function open(config: object = {}) {
  const fake = await openFakeContext({ preprocessing: openPreprocessing() });
  const checkpoint = await fake.context.artifacts.folder({
    "config.json": JSON.stringify({
      ...{ model_type: "bert", vocab_size: 8, max_position_embeddings: 16, ...config },
    }),
    "tokenizer_config.json": '{ "do_lower_case": false }',
    "vocab.txt": VOCABULARY.join("\n"),
  });
  return { fake, checkpoint, dataset: await fake.dataset(columns, rows) };
}

const { run } = definitionOf(tokenize);

async function tokenized(
  fake: FakeContext,
  inputs: Omit<Awaited<ReturnType<typeof open>>, "fake">,
) {
  const { preprocessing } = await runStep(tokenizer, fake.context, { inputs, params });
  const { dataset } = inputs;
  return { preprocessing, ...await run(fake.context, { dataset, preprocessing }, undefined) };
}

Deno.test("tokenize writes tokens and classes, and tells what was lost", async () => {
  const { fake, ...inputs } = await open();
  await using _ = fake;

  const { tokens, report } = await tokenized(fake, inputs);

  const split = await readSplit(tokens);
  deepEqual([...split.ids], [2, 4, 5, 6, 3, 2, 7, 3, 2, 1, 6, 6, 3]);
  deepEqual([...split.starts], [0, 5, 8, 13]);
  deepEqual([...split.targets], [0, 1, 0]);
  deepEqual(report, {
    ...{ texts: 3, tokens: 13, unknown: 1, truncated: 1, longest: 5 },
    unknown_share: 1 / 13,
    truncated_share: 1 / 3,
  });
  const rate = fake.metrics.find(({ name }) => name === "tokens_per_second");
  ok(rate !== undefined && rate.value > 0);
  equal("tokens_per_second" in (report as object), false); // an artifact holds no time
});

Deno.test("tokenize refuses rows without a text", async () => {
  const { fake, ...inputs } = await open();
  await using _ = fake;
  const { preprocessing } = await tokenized(fake, inputs);
  const dataset = await fake.dataset(columns, [...rows, { document: null, label: "긍정" }]);

  await rejects(() => run(fake.context, { dataset, preprocessing }, undefined), {
    code: "preprocessing/bad-rows",
    why: 'row 4, column "document": expected a text, found nothing',
  });
});

Deno.test("tokenizer refuses a vocabulary larger than the embedding, and texts longer than the model reads", async () => {
  const { fake, ...inputs } = await open({ vocab_size: 7, max_position_embeddings: 4 });
  await using _ = fake;

  await rejects(() => runStep(tokenizer, fake.context, { inputs, params }), {
    code: "checkpoint/does-not-fit",
    why: /8 tokens, and its embedding 7 rows[\s\S]*reads 4 tokens of a text, and max_length is 5/,
  });
});
