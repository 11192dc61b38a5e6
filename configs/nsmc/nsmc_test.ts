import { parquetWriteBuffer } from "hyparquet-writer";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { parse } from "yaml";
import { loadPredictor } from "../../mod.ts";
import { buildGraph, checkParams, type Json } from "../../pipeline/mod.ts";
import { openSandbox, type Sandbox } from "../../runtime/_toy_runs.ts";
import type { RunEvent } from "../../runtime/executor/run_event.ts";
import { type CompletedRun, runPipeline } from "../../runtime/run_pipeline.ts";
import { REVIEW_WORDS, reviewFile } from "./_reviews.ts";
import pipeline from "./pipeline.ts";

async function runOn(
  { folder, settings }: Sandbox,
  labels: readonly string[],
  set: readonly string[] = [],
  events: RunEvent[] = [],
): Promise<CompletedRun> {
  await Deno.writeTextFile(`${folder}/train.txt`, reviewFile(labels, 600, 0));
  await Deno.writeTextFile(`${folder}/test.txt`, reviewFile(labels, 200, 600));
  return await runPipeline(
    { pipeline, path: `${import.meta.dirname}/pipeline.ts` },
    {
      engine: "cpu",
      onEvent: (event) => void events.push(event),
      set: [
        `dataset.train=${folder}/train.txt`,
        `dataset.test=${folder}/test.txt`,
        "dataset.validation=0.1",
        ...set,
      ],
    },
    { settings },
  );
}

Deno.test("nsmc: compact.yaml says the defaults", async () => {
  const yaml = parse(await Deno.readTextFile(`${import.meta.dirname}/compact.yaml`));
  const resolve = (given: unknown): Json => {
    const result = checkParams(pipeline.config, given);
    if (result.issues !== undefined) throw new TypeError(JSON.stringify(result.issues));
    return result.value as Json;
  };

  deepEqual(resolve(yaml), resolve({}));
});

Deno.test("nsmc: learns from files of its form, and answers texts from the registry", async () => {
  await using sandbox = await openSandbox();

  const { summary, exitCode, card } = await runOn(sandbox, ["0", "1"]);

  equal(exitCode, 0);
  equal(summary.metrics.accuracy, 1);
  equal(summary.metrics.rows, 196);
  deepEqual(summary.model, { name: "nsmc", version: 1, aliases: ["candidate", "champion"] });
  ok(card !== undefined);

  await using predictor = await loadPredictor("nsmc", { store: sandbox.settings.storeFolder });
  deepEqual(predictor.signature.labels, ["긍정", "부정"]);
  const answer = await predictor.predict("또 보고 싶다");
  equal(answer.text, "또 보고 싶다");
  equal(answer.label, "긍정");
  ok(answer.confidence > 0.5 && answer.confidence <= 1);
  equal("probs" in answer, false);
  const [bad, empty] = await predictor.predict(["돈 아깝다", ""], { returnProbs: true });
  equal(bad!.label, "부정");
  deepEqual(Object.keys(bad!.probs!), ["긍정", "부정"]);
  ok(Math.abs(empty!.probs!.긍정! + empty!.probs!.부정! - 1) < 1e-6);
  const [row] = await predictor.predict([{ document: "최고 ㅋㅋ" }]);
  deepEqual(Object.keys(row!), ["label", "confidence", "probabilities"]);
});

Deno.test("nsmc: any text is answered: long, blank, emoji, NUL, half a surrogate pair", async () => {
  await using sandbox = await openSandbox();
  await runOn(sandbox, ["0", "1"]);
  await using predictor = await loadPredictor("nsmc", { store: sandbox.settings.storeFolder });
  const texts = [
    "ㅋ".repeat(1 << 20),
    "최고 ".repeat(1 << 18),
    " \t\n",
    "😀😀",
    "a\0b",
    "\ud800최고",
  ];

  const answers = await predictor.predict(texts);

  deepEqual(answers.map(({ text }) => text), texts);
  for (const { confidence } of answers) ok(confidence >= 0.5 && confidence <= 1);
});

Deno.test("nsmc: thousands of texts at once get the answers that each gets alone", async () => {
  await using sandbox = await openSandbox();
  await runOn(sandbox, ["0", "1"]);
  await using predictor = await loadPredictor("nsmc", { store: sandbox.settings.storeFolder });
  const texts = Array.from(
    { length: 2500 },
    (_, i) => `${REVIEW_WORDS[i % 12]} ${"영화 ".repeat(i % 9)}`,
  );

  const together = await predictor.predict(texts);

  deepEqual(together.map(({ text }) => text), texts);
  for (const i of [0, 1, 700, 1023, 1024, 2048, 2499]) {
    const alone = await predictor.predict(texts[i]!);
    equal(together[i]!.label, alone.label);
    ok(Math.abs(together[i]!.confidence - alone.confidence) < 1e-5);
  }
});

Deno.test("nsmc: three labels, and a sample, by config alone", async () => {
  await using sandbox = await openSandbox();

  const { summary, exitCode } = await runOn(sandbox, ["0", "1", "2"], [
    'dataset.labels={"0": "부정", "1": "긍정", "2": "보통"}',
    "dataset.sampling_rate=0.5",
  ]);

  equal(exitCode, 0);
  ok(Number(summary.metrics.accuracy) > 0.95);
  ok(summary.metrics["f1/보통"] !== undefined);
});

const COLUMNS = ["dataset.text=review", "dataset.label=stars", "dataset.labels={}"];

for (const format of ["csv", "tsv", "jsonl", "parquet"]) {
  Deno.test(`nsmc: any two columns of ${format}, by config alone`, async () => {
    await using sandbox = await openSandbox();
    const path = (part: string) => `${sandbox.folder}/${part}.${format}`;
    for (const [part, count, first] of [["all", 600, 0], ["held", 200, 600]] as const) {
      const rows = reviewFile(["0", "1"], count, first).split("\r\n").slice(1, -1)
        .map((line) => line.split("\t"))
        .map(([, review, label]) => ({ review: review!, stars: label === "1" ? "five" : "one" }));
      await Deno.writeFile(path(part), bytesOf(rows, format));
    }

    const { summary } = await runPipeline(
      { pipeline, path: `${import.meta.dirname}/pipeline.ts` },
      {
        engine: "cpu",
        set: [
          ...COLUMNS,
          "dataset.name=mine",
          `dataset.train=${path("all")}`,
          `dataset.test=${path("held")}`,
          `dataset.format=${format}`,
          "dataset.validation=0.1",
        ],
      },
      { settings: sandbox.settings },
    );

    equal(summary.status, "succeeded");
    equal(summary.metrics.accuracy, 1);
    ok(summary.metrics["f1/five"] !== undefined);
  });
}

function bytesOf(rows: readonly Record<string, string>[], format: string): Uint8Array {
  if (format === "parquet") {
    const columnData = ["review", "stars"]
      .map((name) => ({ name, data: rows.map((row) => row[name]!) }));
    return new Uint8Array(parquetWriteBuffer({ columnData }));
  }
  const quoted = (text: string) => format === "csv" ? `"${text.replaceAll('"', '""')}"` : text;
  const delimiter = format === "csv" ? "," : "\t";
  const lines = format === "jsonl" ? rows.map((row) => JSON.stringify(row)) : [
    `review${delimiter}stars`,
    ...rows.map((row) => Object.values(row).map(quoted).join(delimiter)),
  ];
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

Deno.test("nsmc: a label without a name is refused with its line", async () => {
  await using sandbox = await openSandbox();

  const events: RunEvent[] = [];
  const { summary, exitCode } = await runOn(sandbox, ["0", "1", "2"], [], events);

  equal(exitCode, 1);
  equal(summary.status, "failed");
  const failed = events.filter(({ type }) => type === "step-finished");
  match(JSON.stringify(failed), /line 4, column .*label.* is none of 0, 1/);
});

Deno.test("nsmc: the graph leads from the files to a registered version", () => {
  const { value } = checkParams(pipeline.config, {}) as { readonly value: never };

  const { targets } = buildGraph(pipeline, value);

  deepEqual(targets.map(({ kind }) => kind), ["version", "evaluation", "json"]);
});

Deno.test("nsmc: a data set that is not known by name needs files", () => {
  const { issues } = checkParams(pipeline.config, { dataset: { name: "other", train: "a.txt" } });

  equal(issues?.[0]?.message, "only nsmc is known by name: give train and test");
});
