import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { parse } from "yaml";
import { loadPredictor } from "../../mod.ts";
import { checkParams } from "../../pipeline/mod.ts";
import { openSandbox, type Sandbox } from "../../runtime/_toy_runs.ts";
import type { RunEvent } from "../../runtime/executor/run_event.ts";
import type { RunSummary } from "../../runtime/executor/run_summary.ts";
import { type CompletedRun, runPipeline } from "../../runtime/run_pipeline.ts";
import { checkpointFiles, type HubCheckpoint, writeHubCache } from "./_hub_checkpoint.ts";
import { REVIEW_WORDS, reviewFile } from "./_reviews.ts";
import pipeline from "./pipeline.ts";

const NAME = "beomi/kcbert-base";
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const LETTERS = [...new Set(REVIEW_WORDS.join("").replaceAll(" ", ""))];

const MODEL: HubCheckpoint = {
  vocabulary: [
    ...SPECIAL,
    ...'0123456789"',
    ...LETTERS,
    ...LETTERS.map((letter) => `##${letter}`),
    ...["영화", "배우", "##가", "최고", "최악"],
  ],
  layers: 3,
  hidden: 32,
  heads: 4,
  positions: 40,
};

/** What makes a tiny model learn the tiny data. */
const TINY = [
  "dataset.validation=0.1",
  "dataset.max_length=32",
  "models.kcbert.training.learning_rate=0.003",
  "models.kcbert.training.epochs=3",
];

async function writeData(folder: string): Promise<readonly string[]> {
  await Deno.writeTextFile(join(folder, "train.txt"), reviewFile(["0", "1"], 600, 0));
  await Deno.writeTextFile(join(folder, "test.txt"), reviewFile(["0", "1"], 200, 600));
  return [`dataset.train=${folder}/train.txt`, `dataset.test=${folder}/test.txt`];
}

async function runOn(
  { folder, settings }: Sandbox,
  set: readonly string[],
  events: RunEvent[] = [],
): Promise<CompletedRun> {
  return await runPipeline(
    { pipeline, path: `${import.meta.dirname}/pipeline.ts` },
    {
      engine: "cpu",
      onEvent: (event) => void events.push(event),
      set: [...await writeData(folder), ...TINY, ...set],
    },
    { settings },
  );
}

/** The last value of every metric. */
function metricsOf(events: readonly RunEvent[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    events.flatMap((event) => event.type === "metric" ? [[event.name, Number(event.value)]] : []),
  );
}

/** Runs on a checkpoint with other files than it should have. @returns What the run says of it. */
async function failureOf(
  change: (files: Record<string, string | Uint8Array<ArrayBuffer>>) => void,
  set: readonly string[] = [],
): Promise<string> {
  await using sandbox = await openSandbox();
  const files = { ...checkpointFiles(MODEL) };
  change(files);
  const folder = join(sandbox.folder, "model");
  await Deno.mkdir(folder);
  for (const [path, content] of Object.entries(files)) {
    await Deno.writeFile(
      join(folder, path),
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  const events: RunEvent[] = [];
  const { summary } = await runOn(sandbox, [
    "project.model=kcbert",
    `models.kcbert.folder=${folder}`,
    ...set,
  ], events);
  equal(summary.status, "failed");
  return JSON.stringify(events.filter(({ type }) => type === "step-finished"));
}

for (const model of ["kcbert", "small-bert"]) {
  Deno.test(`nsmc: ${model}.yaml says the defaults, but for its name`, async () => {
    const yaml = parse(await Deno.readTextFile(`${import.meta.dirname}/${model}.yaml`));
    const resolve = (given: unknown) => checkParams(pipeline.config, given) as { value: unknown };
    const { project, dataset } = yaml;

    deepEqual(
      resolve(yaml),
      resolve({ project: { ...project, model }, dataset: { max_length: dataset.max_length } }),
    );
  });
}

Deno.test("nsmc: kcbert learns from a cache of the hub, and its version answers alone", async () => {
  await using sandbox = await openSandbox();
  const cache = join(sandbox.folder, "hub");
  await writeHubCache(cache, NAME, checkpointFiles(MODEL));

  const events: RunEvent[] = [];
  const { summary, exitCode } = await runOn(sandbox, [
    "project.model=kcbert",
    `models.kcbert.cache=${cache}`,
  ], events);

  equal(exitCode, 0, JSON.stringify(summary.gates));
  const told = metricsOf(events);
  ok(Number(summary.metrics.accuracy) > 0.95);
  ok(told["train/start_accuracy"]! < 0.7);
  ok(told["tokenize/tokens"]! > 4000);
  ok(told["tokenize/tokens_per_second"]! > 0);
  equal(told["tokenize/truncated_share"], 0);
  await using predictor = await loadPredictor("nsmc", { store: sandbox.settings.storeFolder });
  const texts = [
    "또 보고 싶다",
    "돈 아깝다",
    "",
    " \t",
    "😀😀",
    "a\0b\ud800",
    "최악 ".repeat(1 << 18),
  ];
  const answers = await predictor.predict(texts, { returnProbs: true });
  deepEqual(answers.map(({ text }) => text), texts);
  equal(answers[0]!.label, "긍정");
  equal(answers[1]!.label, "부정");
  for (const { probs } of answers) ok(Math.abs(probs!.긍정! + probs!.부정! - 1) < 1e-5);
});

Deno.test("nsmc: an unchanged run takes tokens and weights from the cache; another learning rate only tokens", async () => {
  await using sandbox = await openSandbox();
  await writeHubCache(join(sandbox.folder, "hub"), NAME, checkpointFiles(MODEL));
  const set = ["project.model=kcbert", `models.kcbert.cache=${sandbox.folder}/hub`];
  const faster = [...set, "models.kcbert.training.epochs=1"];
  await runOn(sandbox, faster);

  const { summary } = await runOn(sandbox, [
    ...faster,
    "models.kcbert.training.learning_rate=0.004",
  ]);

  const statuses = Object.fromEntries(summary.steps.map(({ node, status }) => [node, status]));
  for (const node of ["checkpoint", "tokenizer", "tokenize", "tokenize-validation"]) {
    equal(statuses[node], "cached", node);
  }
  equal(statuses.train, "succeeded");
});

Deno.test("nsmc: small-bert learns a vocabulary, and then like any checkpoint", async () => {
  await using sandbox = await openSandbox();

  const events: RunEvent[] = [];
  const { summary } = await runOn(sandbox, [
    "project.model=small-bert",
    "models.small-bert.layers=1",
    "models.small-bert.hidden=32",
    "models.small-bert.vocabulary=200",
    "models.small-bert.training.learning_rate=0.005",
  ], events);

  equal(summary.status, "succeeded");
  ok(Number(summary.metrics.accuracy) > 0.9);
  equal(metricsOf(events)["tokenize/unknown_share"], 0);
});

const BAD_CHECKPOINTS: readonly {
  readonly title: string;
  readonly change: Parameters<typeof failureOf>[0];
  readonly set?: readonly string[];
  readonly says: RegExp;
}[] = [
  {
    title: "without a tokenizer",
    change: (files) => delete files["vocab.txt"],
    says: /checkpoint\/missing-file.*|it has no vocab.txt and tokenizer.json/,
  },
  {
    title: "without weights",
    change: (files) => delete files["pytorch_model.bin"],
    says: /it has no model.safetensors and pytorch_model.bin/,
  },
  {
    title: "with a vocabulary larger than its embedding",
    change: (files) => files["vocab.txt"] += "하나더\n",
    says: /its vocabulary has \d+ tokens, and its embedding \d+ rows/,
  },
  {
    title: "with a vocabulary without [CLS]",
    change: (files) => files["vocab.txt"] = String(files["vocab.txt"]).replace("[CLS]", "[OTHER]"),
    says: /the vocabulary of \d+ tokens has no \[CLS\]/,
  },
  {
    title: "whose weights do not fit its config.json",
    change: (files) =>
      files["config.json"] = String(files["config.json"])
        .replace('"intermediate_size":128', '"intermediate_size":64'),
    says: /encoder.layer.0.intermediate.dense.weight.{1,4} is \[128,32\] and must be \[64,32\]/,
  },
  {
    title: "whose config.json is of another kind of model",
    change: (files) =>
      files["config.json"] = String(files["config.json"]).replace('"bert"', '"gpt2"'),
    says: /model_type is .{1,4}gpt2/,
  },
  {
    title: "with a weights file that broke off",
    change: (files) =>
      files["pytorch_model.bin"] = (files["pytorch_model.bin"] as Uint8Array<ArrayBuffer>)
        .slice(0, 5000),
    says: /engine\/bad-pytorch-file/,
  },
  {
    title: "that reads fewer tokens than max_length",
    change: () => {},
    set: ["dataset.max_length=41"],
    says: /it reads 40 tokens of a text, and max_length is 41/,
  },
];

for (const { title, change, set = [], says } of BAD_CHECKPOINTS) {
  Deno.test(`nsmc: a checkpoint ${title} is refused`, async () => {
    match(await failureOf(change, set), says);
  });
}

Deno.test("nsmc: a cache of the hub without the checkpoint is refused, with the places", async () => {
  await using sandbox = await openSandbox();
  const events: RunEvent[] = [];

  const { summary } = await runOn(sandbox, [
    "project.model=kcbert",
    `models.kcbert.cache=${sandbox.folder}`,
  ], events);

  equal(summary.status, "failed");
  match(
    JSON.stringify(events),
    /there is no .*models--beomi--kcbert-base\/snapshots\/main\/config.json.*beomi\/kcbert-base\/config.json/,
  );
});

Deno.test("nsmc: killed while it trains, kcbert goes on to the same weights", async () => {
  await using sandbox = await openSandbox();
  const { folder } = sandbox;
  await writeHubCache(join(folder, "hub"), NAME, checkpointFiles(MODEL));
  const set = [
    ...await writeData(folder),
    ...TINY,
    "project.model=kcbert",
    `models.kcbert.cache=${folder}/hub`,
    "models.kcbert.training.checkpoint_iterations=3",
  ];
  const run = [
    ...["run", `${import.meta.dirname}/pipeline.ts`, "--engine", "cpu", "--json"],
    ...set.flatMap((each) => ["--set", each]),
  ];
  const command = (store: string, words: readonly string[] = run) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-q", "-A", "--no-check", "--config", `${import.meta.dirname}/../../deno.json`],
        `${import.meta.dirname}/../../ui/cli/main.ts`,
        ...words,
      ],
      env: { HANOK_STORE: join(folder, store), INIT_CWD: folder, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    });
  const finish = async (store: string): Promise<RunSummary> => {
    const { stdout } = await command(store).output();
    return JSON.parse(new TextDecoder().decode(stdout)) as RunSummary;
  };
  const scratch = join(folder, "killed", "scratch");
  await Deno.mkdir(scratch, { recursive: true });
  const watcher = Deno.watchFs(scratch, { recursive: true });
  const child = command("killed").spawn();
  // Should it end by itself, nothing is written any more; leaving the loop has closed the watcher otherwise.
  const ended = child.status.then(() => watcher.close()).catch(() => {});
  let saved = 0;
  for await (const { kind, paths } of watcher) {
    if (kind !== "rename" && !paths.some((path) => path.endsWith("state.safetensors"))) continue;
    if (++saved === 4) break;
  }
  child.kill("SIGKILL");
  await ended;
  await child.stdout.cancel();

  const resumed = await finish("killed");

  equal(resumed.status, "succeeded");
  const whole = await finish("whole");
  const weightsOf = async (store: string) => {
    const to = join(folder, `${store}-model`);
    const { success } = await command(store, ["models", "export", "nsmc/1", "--to", to]).output();
    equal(success, true);
    return await Deno.readFile(join(to, "model.onnx"));
  };
  ok(Buffer.from(await weightsOf("killed")).equals(await weightsOf("whole")), "other weights");
  for (const name of ["accuracy", "log_loss", "roc_auc"]) {
    equal(typeof whole.metrics[name], "number", name);
    equal(resumed.metrics[name], whole.metrics[name], name);
  }
  deepEqual(await Array.fromAsync(Deno.readDir(scratch)), []);
  match(await logsOf(join(folder, "killed")), /goes on in epoch \d, after \d+ batches/);
});

/** Everything that the runs of a store told. */
async function logsOf(store: string): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(store)) {
    if (!isDirectory) continue;
    for await (const { name: file } of Deno.readDir(join(store, name))) {
      const path = file.endsWith(".jsonl")
        ? join(store, name, file)
        : join(store, name, file, "events.jsonl");
      texts.push(await Deno.readTextFile(path).catch(() => ""));
    }
  }
  return texts.join("\n");
}
