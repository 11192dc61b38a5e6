import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { openStepArtifacts } from "../artifacts/artifact_writer.ts";
import { type ArtifactKind, MODEL_FILES, type Row } from "../../pipeline/mod.ts";
import { registerVersion } from "../registry/mod.ts";
import { type NewArtifact, recordArtifacts, recordStepSuccess, type Store } from "../store/mod.ts";
import { beginRun, openTemporaryStore, successOf } from "../store/temporary_store.ts";
import { recordSamples } from "../traffic/mod.ts";
import { type ComparedReport, compareVersion, findReference, openDriftReader } from "./mod.ts";

const COLUMNS = [
  { name: "age", type: "number", nullable: true },
  { name: "plan", type: "string", nullable: false },
  { name: "note", type: "string", nullable: false },
] as const;
const SIGNATURE = {
  task: "classification",
  inputs: [COLUMNS[0], { ...COLUMNS[1], categories: ["basic", "premium", "trial"] }, COLUMNS[2]],
  labels: ["no", "yes"],
  tensors: { inputs: [], outputs: [] },
};
const MODEL = { name: "churn", version: 1 };

interface Person {
  readonly age: number | null;
  readonly plan: string;
  readonly note: string;
}

/** People like those that the model was trained on. */
function person(place: number): Person {
  return {
    age: 20 + (place * 7) % 41,
    plan: place % 3 === 0 ? "premium" : "basic",
    note: place % 2 === 0 ? "아주 좋아요!" : `다시 볼게요 ${place % 10}`,
  };
}

const truth = (place: number): string => place % 4 === 0 ? "yes" : "no";

/** split → train → evaluate, with the version that came of it; the validation part holds other people. */
async function trainVersion(
  store: Store,
  { rows = 400, evaluated = false }: { readonly rows?: number; readonly evaluated?: boolean } = {},
): Promise<{ readonly training: NewArtifact; readonly runId: string }> {
  const artifacts = openStepArtifacts(store, []);
  const made = async (kind: ArtifactKind, value: unknown): Promise<NewArtifact> =>
    await artifacts.record(kind, value);
  const columns = [...COLUMNS, { name: "churned", type: "string", nullable: false } as const];
  const table = async (from: number, count: number): Promise<NewArtifact> => {
    const people = Array.from({ length: count }, (_, i): Row => (
      { ...person(from + i), churned: truth(from + i) }
    ));
    return await made("dataset", await artifacts.writer.dataset({ columns }, people));
  };
  const training = await table(0, rows);
  const validation = await table(5000, 40);
  const fitted = { version: 1, features: [], width: 0, label: { column: "churned", labels: [] } };
  const model = await made(
    "model",
    await artifacts.writer.folder({
      [MODEL_FILES.signature]: JSON.stringify(SIGNATURE),
      [MODEL_FILES.preprocessing]: JSON.stringify(fitted),
    }),
  );
  const { runId } = await beginRun(store);
  const split = successOf(runId, "split", { made: training });
  await recordStepSuccess(store, {
    ...split,
    artifacts: [training, validation],
    edges: [
      { direction: "produced", slot: "training", artifact: training.hash },
      { direction: "produced", slot: "validation", artifact: validation.hash },
    ],
  });
  const train = successOf(runId, "train", { made: model });
  await recordStepSuccess(store, {
    ...train,
    edges: [
      // The order of the alphabet is not what decides.
      { direction: "consumed", slot: "validation", artifact: validation.hash },
      { direction: "consumed", slot: "training", artifact: training.hash },
      { direction: "produced", slot: "model", artifact: model.hash },
    ],
  });
  if (evaluated) {
    const evaluation = await made("evaluation", {
      ...{ split: "test", rows: 60, labels: ["no", "yes"], metrics: {}, slices: {}, mistakes: [] },
      confusion: [[20, 20], [5, 15]],
    });
    await recordStepSuccess(
      store,
      successOf(runId, "evaluate", { made: evaluation, read: [model] }),
    );
  }
  await registerVersion(store, {
    ...{ name: "churn", modelArtifact: model.hash, runId, metrics: {}, promote: "auto" },
    ...{ idempotencyKey: "churn 1", user: "mina", at: 1 },
  });
  return { training, runId };
}

/** Keeps requests of one row each. */
async function serve(
  store: Store,
  count: number,
  asked: (place: number) => Person,
  { answered = truth, version = 1 }: {
    readonly answered?: (place: number) => string;
    readonly version?: number;
  } = {},
): Promise<void> {
  const samples = Array.from({ length: count }, (_, place) => ({
    requestId: `${version} ${crypto.randomUUID()}`,
    ...{ name: "churn", version, at: 1000 + place, durationMs: 1 },
    request: JSON.stringify(
      place % 2 === 0 ? asked(place) : { rows: [Object.values(asked(place))] },
    ),
    answers: JSON.stringify([{ label: answered(place), confidence: 0.8 }]),
  }));
  await recordSamples(store, samples, { kept: 10_000 });
}

async function compare(store: Store): Promise<ComparedReport> {
  const report = await compareVersion(store, MODEL, await findReference(store, MODEL));
  if (report.status === "compared") return report;
  throw new Error(report.why);
}

const drifted = ({ features }: ComparedReport): string[] =>
  features.filter(({ detected }) => detected).map(({ feature }) => feature).sort();

Deno.test("compareVersion() finds no drift in requests like the training split", async () => {
  await using store = await openTemporaryStore();
  const { training, runId } = await trainVersion(store);
  await serve(store, 123, (place) => person(1000 + place));

  const report = await compare(store);

  deepEqual(report.reference, {
    dataset: { runId, address: "split.training", artifact: training.hash, rows: 400 },
    rows: 400,
    prediction: "labels",
  });
  deepEqual(report.current, { requests: 123, rows: 123, from: 1000, to: 1122 });
  deepEqual(drifted(report), []);
  deepEqual([report.share, report.detected, report.prediction?.detected], [0, false, false]);
  deepEqual(report.features.map(({ feature, method }) => `${feature} ${method}`).sort(), [
    "age ks",
    "digits(note) z",
    "hangul(note) z",
    "length(note) z",
    "plan z",
    "signs(note) z",
  ]);
});

Deno.test("compareVersion() finds what is new in requests, and in the answers", async () => {
  await using store = await openTemporaryStore();
  await trainVersion(store);
  const stranger = (place: number): Person => ({
    age: place % 2 === 0 ? null : person(place).age! + 15,
    plan: place % 3 === 0 ? "trial" : "basic",
    note: "good",
  });
  await serve(store, 120, stranger, { answered: () => "yes" });

  const report = await compare(store);

  deepEqual(drifted(report), [
    ...["age", "digits(note)", "hangul(note)", "latin(note)", "length(note)"],
    ...["missing(age)", "plan", "signs(note)"],
  ]);
  equal(report.share, 1);
  ok(report.detected && report.prediction?.detected);
  const plan = report.features.find(({ feature }) => feature === "plan")!;
  deepEqual(plan.bins.map(({ value }) => value), ["basic", "premium", "trial"]);
  deepEqual(plan.bins.map(({ current }) => current), [80 / 120, 0, 40 / 120]);
});

Deno.test("compareVersion() compares answers with those of the evaluation, where there is one", async () => {
  await using store = await openTemporaryStore();
  await trainVersion(store, { evaluated: true });
  // The evaluated model said yes to 35 of 60, though 1 of 4 is right.
  await serve(store, 60, person, { answered: (place) => place % 12 < 7 ? "yes" : "no" });

  const { reference, prediction } = await compare(store);

  equal(reference.prediction, "evaluation");
  deepEqual([prediction?.score, prediction?.detected], [0, false]);
});

Deno.test("compareVersion() judges neither few rows nor a feature of few values", async () => {
  await using store = await openTemporaryStore();
  await trainVersion(store);
  await serve(store, 29, person);
  const reference = await findReference(store, MODEL);

  const few = await compareVersion(store, MODEL, reference);
  equal(few.status, "too-few");
  match(few.status === "too-few" ? few.why : "", /^29 rows of requests were kept, and at least 30/);

  await serve(store, 31, (place) => ({ ...person(place), age: null }));
  const report = await compare(store);
  deepEqual(report.unjudged, ["age"]);
  ok(drifted(report).includes("missing(age)"));
});

Deno.test("compareVersion() says why there is no reference", async () => {
  await using store = await openTemporaryStore();
  const { training } = await trainVersion(store);
  const artifacts = openStepArtifacts(store, []);
  const folder = await artifacts.writer.folder({
    [MODEL_FILES.signature]: JSON.stringify({ ...SIGNATURE, labels: ["a"] }),
    [MODEL_FILES.preprocessing]: "{}",
  });
  const imported = await artifacts.record("model", folder);
  await recordArtifacts(store, [imported]);
  await registerVersion(store, {
    ...{ name: "churn", modelArtifact: imported.hash, runId: null, metrics: {}, promote: "auto" },
    ...{ idempotencyKey: "churn 2", user: "mina", at: 2 },
  });
  const second = { name: "churn", version: 2 };

  const report = await compareVersion(store, second, await findReference(store, second));
  ok(report.status === "no-reference");
  match(report.why, /no run in this store made this version/);

  await Deno.remove(store.blobs.pathOf(training.files[0]!.hash));
  const collected = await findReference(store, MODEL);
  // The validation part is there still, and stands in for it.
  ok(!("why" in collected) && collected.dataset.address === "split.validation");
  await rejects(findReference(store, { name: "churn", version: 7 }), {
    code: "registry/unknown-version",
  });
});

Deno.test("compareVersion() reads a part of a large dataset, from its beginning to its end", async () => {
  await using store = await openTemporaryStore();
  await trainVersion(store, { rows: 12_000 });
  await serve(store, 200, person);

  const { reference, features, share } = await compare(store);

  equal(reference.dataset.rows, 12_000);
  equal(reference.rows, 4000);
  const age = features.find(({ feature }) => feature === "age")!;
  deepEqual([age.method, age.referenceValues, share], ["wasserstein", 4000, 0]);
});

Deno.test("compareVersion() lets others have their turn between pieces of every part of its work", async () => {
  await using store = await openTemporaryStore();
  await trainVersion(store, { rows: 12_000 });
  await serve(store, 200, person);
  const reference = await findReference(store, MODEL);
  let turns = 0;
  const countTurns = async (): Promise<number> => {
    turns = 0;
    const report = await compareVersion(store, MODEL, reference, { turn: () => void turns++ });
    equal(report.status, "compared");
    return turns;
  };

  const [first, second] = [await countTurns(), await countTurns()];

  // The dataset is read once, 500 cells at a time: 125 rows of four columns.
  ok(first - second >= 12_000 / 125, `${first - second} turns`);
  // Before and within each request, and before each of the 30 samples that show what chance does to 6 features.
  ok(second >= 2 * 200 + 6 * 30, `${second} turns`);
});

Deno.test("openDriftReader() rests nine times as long as it worked", async () => {
  await using store = await openTemporaryStore();
  await trainVersion(store);
  let now = 0;
  await using reader = openDriftReader(store, { refreshMs: 1, now: () => now += 100 });
  await serve(store, 40, person);
  const first = await reader.read(MODEL);

  await serve(store, 1, person);
  equal(await reader.read(MODEL), first);
  now += 5000;
  equal((await reader.read(MODEL)).current?.rows, 41);
});

Deno.test("openDriftReader() computes anew only when requests were kept since", async () => {
  await using store = await openTemporaryStore();
  await trainVersion(store);
  let now = 0;
  await using reader = openDriftReader(store, { refreshMs: 1000, now: () => now });

  deepEqual(reader.latest([MODEL]), []);
  await serve(store, 40, person);
  const first = await reader.read(MODEL);
  equal(await reader.read(MODEL), first);
  deepEqual(reader.latest([MODEL]).map(({ report }) => report), [first]);

  await serve(store, 1, person);
  // Within the second nobody looks again; after it, in the background.
  equal(reader.latest([MODEL])[0]?.report, first);
  now = 2000;
  equal(reader.latest([MODEL])[0]?.report, first);
  const second = await reader.read(MODEL);
  equal(second.current?.rows, 41);
  equal(reader.latest([MODEL])[0]?.report, second);
  deepEqual(reader.latest([{ name: "churn", version: 9 }]), []);
});
