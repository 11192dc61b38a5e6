import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import {
  definitionOf,
  type EnginePort,
  type FittedPreprocessing,
  type ModelHandle,
  type Row,
} from "../../pipeline/mod.ts";
import { openPreprocessing } from "../../runtime/preprocessing/mod.ts";
import { type FakeContext, openFakeContext } from "../_fake_context.ts";
import { evaluate } from "./evaluate.ts";
import { type EvaluateGiven, evaluateParams } from "./evaluate_params.ts";

const { run, metrics: declared } = definitionOf(evaluate);

/** A model whose probability of "yes" is its one input. */
const preprocessing: FittedPreprocessing = {
  version: 1,
  features: [{
    column: "p",
    as: "number",
    shift: 0,
    divisor: 1,
    fill: null,
    indicator: false,
    range: [0, 1],
    integer: false,
  }],
  width: 1,
  label: { column: "y", labels: ["no", "yes"] },
};

const engine = {
  name: "cpu",
  device: "fake",
  readExternalData: () => Promise.resolve({}),
  openInference: () =>
    Promise.resolve({
      inputs: [],
      outputs: [],
      run: ({ features }) => {
        const data = Float32Array.from(
          [...features!.data].flatMap((p) => [1 - Number(p), Number(p)]),
        );
        const shape = [features!.shape[0]!, 2];
        return Promise.resolve({ probabilities: { type: "float32" as const, shape, data } });
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
} as Partial<EnginePort> as EnginePort;

function open(): Promise<FakeContext> {
  return openFakeContext({ engine, preprocessing: openPreprocessing() });
}

function modelIn({ context }: FakeContext): Promise<ModelHandle> {
  return context.artifacts.folder({
    "model.onnx": "no bytes",
    "signature.json": JSON.stringify({ labels: preprocessing.label.labels }),
    "preprocessing.json": JSON.stringify(preprocessing),
  });
}

async function evaluateRows(fake: FakeContext, rows: readonly Row[], given: EvaluateGiven = {}) {
  const dataset = await fake.dataset({ p: "number", plan: "string", y: "string" }, rows);
  const model = await modelIn(fake);
  return await run(fake.context, { model, dataset }, evaluateParams.parse(given));
}

const rows: readonly Row[] = [
  { p: 0.9, plan: "basic", y: "yes" },
  { p: 0.8, plan: "basic", y: "no" },
  { p: 0.25, plan: "pro", y: "no" },
  { p: 0.0625, plan: "pro", y: "yes" },
  { p: 0.75, plan: null, y: "yes" },
];

Deno.test("evaluate measures a split, and keeps the most confident mistakes as a person would read them", async () => {
  await using fake = await open();

  const { evaluation, metrics } = await evaluateRows(fake, rows);

  deepEqual([evaluation.split, evaluation.rows, evaluation.labels], ["test", 5, ["no", "yes"]]);
  deepEqual(evaluation.confusion, [[1, 1], [1, 2]]);
  equal(metrics.accuracy, 0.6);
  equal(metrics.f1, 2 / 3);
  equal(metrics["f1/no"], 0.5);
  deepEqual(evaluation.mistakes.map(({ confidence: _, ...mistake }) => mistake), [
    { row: 3, input: { p: 0.0625, plan: "pro" }, label: "yes", predicted: "no" },
    { row: 1, input: { p: 0.8, plan: "basic" }, label: "no", predicted: "yes" },
  ]);
  equal(evaluation.mistakes[0]!.confidence, 0.9375);
  deepEqual(fake.summaries, ["accuracy 0.6000 · 5 rows"]);
});

Deno.test("evaluate records every metric of the split bare, and produces what it declares", async () => {
  await using fake = await open();
  const given = { positive_label: "no", slices: ["plan"], slice_min_rows: 1 };

  const { evaluation, metrics } = await evaluateRows(fake, rows, given);

  ok(fake.metrics.every(({ bare }) => bare === true));
  deepEqual(
    Object.fromEntries(fake.metrics.map(({ name, value }) => [name, value])),
    evaluation.metrics,
  );
  const produced = Object.keys(metrics);
  for (const name of declared!(evaluateParams.parse(given))) {
    const prefix = name.replace(/\*$/, "");
    ok(produced.some((each) => name === prefix ? each === name : each.startsWith(prefix)), name);
  }
  equal(metrics.f1, metrics["f1/no"]);
});

Deno.test("evaluate scores the slices that are large enough, and says how many are not", async () => {
  await using fake = await open();

  const { evaluation, metrics } = await evaluateRows(fake, rows, {
    slices: ["plan"],
    slice_min_rows: 2,
  });

  deepEqual(Object.keys(evaluation.slices), ["plan=basic", "plan=pro"]);
  equal(evaluation.slices["plan=basic"]!.accuracy, 0.5);
  equal(metrics["accuracy/plan:pro"], 0.5);
  deepEqual(fake.logs.map(({ message }) => message), ["1 slice has fewer than 2 rows: not scored"]);
});

Deno.test("evaluate scores texts by their length", async () => {
  await using fake = await open();

  const { evaluation } = await evaluateRows(fake, rows, {
    slices: ["length(plan)"],
    slice_min_rows: 1,
  });

  deepEqual(Object.keys(evaluation.slices).slice(0, 2), ["length(plan)=3", "length(plan)=5"]);
});

Deno.test("evaluate writes NaN as a text where JSON has none", async () => {
  await using fake = await open();

  const { evaluation, metrics } = await evaluateRows(fake, rows.slice(0, 1));

  equal(metrics.roc_auc, NaN);
  equal(evaluation.metrics.roc_auc, "NaN");
});

Deno.test("evaluate names every label that the model does not know, over the whole split", async () => {
  await using fake = await open();
  const many = Array.from({ length: 1200 }, (_, i): Row => ({
    ...{ p: 0.5, plan: "pro" },
    y: i === 3 ? "yess" : i === 1199 ? "maybe" : "yes",
  }));

  await rejects(() => evaluateRows(fake, many), ({ code, why }) => {
    equal(code, "preprocessing/unknown-label");
    match(why, /"yess" \(did you mean "yes"\?\) in row 4/);
    match(why, /"maybe" in row 1200/);
    return true;
  });
});

Deno.test("evaluate names refused values by their row in the split", async () => {
  await using fake = await open();
  const many = Array.from({ length: 600 }, (_, i): Row => ({
    ...{ plan: "pro", y: "yes" },
    p: i === 599 ? null : 0.5,
  }));

  await rejects(() => evaluateRows(fake, many), {
    code: "preprocessing/bad-rows",
    why: 'row 600, column "p": expected a number, found nothing',
  });
});

Deno.test("evaluate tells every wrong param at once", async () => {
  await using fake = await open();

  await rejects(
    () => evaluateRows(fake, rows, { positive_label: "yez", slices: ["plann", "p"] }),
    ({ code, why }) => {
      equal(code, "evaluate/bad-params");
      match(why, /no column "plann" \(did you mean "plan"\?\)/);
      match(why, /no label "yez" \(did you mean "yes"\?\)/);
      return true;
    },
  );
});

Deno.test("evaluate refuses a split without rows, and a model that answers NaN", async () => {
  await using fake = await open();
  const nan = {
    ...engine,
    openInference: async (onnx: Uint8Array<ArrayBuffer>) => {
      const session = await engine.openInference(onnx);
      const answer = { type: "float32" as const, shape: [5, 2], data: new Float32Array(10) };
      answer.data[6] = NaN;
      return { ...session, run: () => Promise.resolve({ probabilities: answer }) };
    },
  };
  await using broken = await openFakeContext({ engine: nan, preprocessing: openPreprocessing() });

  await rejects(() => evaluateRows(fake, []), { code: "evaluate/no-rows" });
  await rejects(() => evaluateRows(broken, rows), {
    code: "evaluate/not-a-number",
    why: "it answers NaN for row 4",
  });
});
