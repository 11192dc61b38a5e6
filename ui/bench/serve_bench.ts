import { join, resolve } from "node:path";
import { projectRoot, readSettings } from "../../runtime/settings.ts";
import { type BenchCase, type BenchReport, describeMachine } from "./bench_report.ts";
import { mixedTexts, writeBertFolder } from "./bert_model.ts";
import { benchManyRuns } from "./many_runs.ts";
import { type BenchServer, hasWrk, measureLoad, startBenchServer } from "./http_load.ts";
import { measureCommand, median } from "./measure_command.ts";

const ROOT = projectRoot(import.meta.dirname!);
const DENO = Deno.execPath();
const CONNECTIONS = 16;

/** How long and how often each server is measured. */
interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  /** @default 16 */
  readonly connections?: number;
}

/** Ports of the servers that are measured against each other; nothing else listens there. */
const PORTS = { ours: 18_311, other: 18_312 };

/**
 * Measures how many predictions a second the server answers, beside a bare echo, FastAPI and itself without batches.
 *
 * @param args `--quick`: one short round, to see that it works; `--data FOLDER`: where NSMC's `ratings_train.txt` and
 * `ratings_test.txt` lie, for the text model; `--case echo,bert`: these alone.
 */
export async function benchServe(args: readonly string[]): Promise<BenchReport> {
  const pace = args.includes("--quick") ? { rounds: 1, seconds: 1 } : { rounds: 5, seconds: 3 };
  const folder = await Deno.makeTempDir({ prefix: "hanok-bench-" });
  try {
    const bench = "serve";
    const machine = describeMachine();
    if (!await hasWrk()) {
      return {
        bench,
        machine,
        cases: [missing("all", "wrk is not installed (apt-get install wrk)")],
      };
    }
    const digits = join(folder, "digits");
    const heavy = join(folder, "heavy");
    const wide = ["training.hidden=[1024,1024]", "training.epochs=1", "gate.min_accuracy=0"];
    const cases: Readonly<Record<string, () => Promise<BenchCase>>> = {
      runs: () => crowded(join(folder, "crowded")),
      start: () => coldStart(digits, pace),
      echo: () => againstEcho(digits, pace, folder),
      invocations: () => againstFastApi(digits, pace, folder),
      heavy: () => againstSingle(heavy, pace, folder),
      texts: () => singleTexts(dataFolder(args), pace, folder),
      bert: () => bertAgainstSingle(pace, folder),
    };
    const wanted = valueOf(args, "--case")?.split(",") ?? Object.keys(cases);
    if (wanted.some((name) => ["start", "echo", "invocations"].includes(name))) {
      await train(digits, []);
    }
    if (wanted.includes("heavy")) await train(heavy, wide);
    const measured: BenchCase[] = [];
    for (const name of wanted) {
      const measure = cases[name];
      if (measure === undefined) {
        throw new RangeError(`No such case: ${name}. Known: ${Object.keys(cases)}`);
      }
      measured.push(await measure());
    }
    return { bench, machine, cases: measured };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function crowded(store: string): Promise<BenchCase> {
  await train(store, [], "iris");
  return await benchManyRuns(store);
}

async function train(store: string, set: readonly string[], name = "digits"): Promise<void> {
  const words = set.flatMap((each) => ["--set", each]);
  const run = ["task", "pipeline", "run", name, "--engine", "cpu", ...words];
  await measureCommand({ args: [DENO, ...run], cwd: ROOT, env: { HANOK_STORE: store } });
}

/** One picture, as numbers from 0 to 16. */
const PICTURE = Array.from({ length: 64 }, (_, i) => (i * 7) % 17);
const ROW = { rows: [PICTURE] };
const DIGITS = { model: "digits", body: ROW };
const SPLIT = {
  dataframe_split: {
    columns: PICTURE.map((_, i) => `pixel_${Math.floor(i / 8)}_${i % 8}`),
    data: [PICTURE],
  },
};

async function startOurs(
  store: string,
  words: readonly string[] = [],
  { model, body }: { readonly model: string; readonly body: unknown } = DIGITS,
): Promise<BenchServer> {
  const { ours } = PORTS;
  return await startBenchServer({
    args: [DENO, "task", "serve", "--port", String(ours), "--model", model, ...words],
    port: ours,
    cwd: ROOT,
    env: { HANOK_STORE: store },
    first: { path: "/predict", body },
  });
}

async function coldStart(store: string, { rounds }: Pace): Promise<BenchCase> {
  const seconds: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    await using server = await startOurs(store);
    if (round > 0) seconds.push(server.startSeconds);
  }
  const ours = median(seconds);
  return {
    case: "from start to first answer",
    ours,
    other: null,
    unit: "s",
    ratio: null,
    target: "<= 0.8 s",
    holds: ours <= 0.8,
  };
}

async function againstEcho(store: string, pace: Pace, scratch: string): Promise<BenchCase> {
  await using ours = await startOurs(store);
  const { other: port } = PORTS;
  await using echo = await startBenchServer({
    args: [DENO, "run", "-q", "-A", join(ROOT, "ui/bench/echo_server.ts"), String(port)],
    port,
    cwd: ROOT,
    first: { path: "/predict", body: ROW },
  });
  const rates = await inTurn(pace, [ours, echo], (server) => ({
    url: `${server.origin}/predict`,
    body: ROW,
  }), scratch);
  return rateCase("digits, 16 connections", rates, {
    least: 0.6,
    note: "other: a bare Hono server that echoes the JSON",
  });
}

async function againstFastApi(store: string, pace: Pace, scratch: string): Promise<BenchCase> {
  const name = "digits, /invocations";
  const { other: port } = PORTS;
  await using ours = await startOurs(store);
  let peer: BenchServer;
  try {
    peer = await startBenchServer({
      args: ["/usr/bin/python3", join(ROOT, "ui/bench/serve_peers.py"), String(port)],
      port,
      cwd: ROOT,
      stdin: await Deno.readFile(join(ROOT, "configs/digits/digits.csv")),
      first: { path: "/invocations", body: SPLIT },
    });
  } catch {
    const packages = "python3-fastapi python3-uvicorn python3-pandas python3-sklearn";
    return missing(name, `needs ${packages}`);
  }
  await using fastApi = peer;
  const rates = await inTurn(pace, [ours, fastApi], (server) => ({
    url: `${server.origin}/invocations`,
    body: SPLIT,
  }), scratch);
  return rateCase(name, rates, {
    least: 20,
    note: "other: FastAPI + pandas + scikit-learn, the stack of MLflow's server",
  });
}

async function againstSingle(store: string, pace: Pace, scratch: string): Promise<BenchCase> {
  const ask = (server: BenchServer) => ({ url: `${server.origin}/predict`, body: ROW });
  // One after the other: two servers of ours would take each other's threads.
  const rates: number[] = [];
  for (const words of [[], ["--batch-rows", "1"]]) {
    await using server = await startOurs(store, words);
    rates.push(...await inTurn(pace, [server], ask, scratch));
  }
  return rateCase("64-1024-1024-10, 16 connections", rates, {
    least: 2.5,
    note: "other: the same server with one run a request",
  });
}

function dataFolder(args: readonly string[]): string | null {
  const folder = valueOf(args, "--data");
  return folder === undefined ? null : resolve(readSettings().cwd, folder);
}

function valueOf(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

/** Reviews, each in a request of its own, to the compact text model. */
async function singleTexts(
  data: string | null,
  pace: Pace,
  scratch: string,
): Promise<BenchCase> {
  const name = "compact text model, one text a request";
  if (data === null) return missing(name, "give --data FOLDER with the files of NSMC");
  const store = join(scratch, "texts");
  const set = [
    `dataset.train=${data}/ratings_train.txt`,
    `dataset.test=${data}/ratings_test.txt`,
    "dataset.sampling_rate=0.2",
    "models.compact.register_threshold=0",
  ];
  await train(store, set, "nsmc");
  const lines = (await Deno.readTextFile(join(data, "ratings_test.txt"))).split("\n");
  const texts = lines.slice(1, 301).map((line) => line.split("\t")[1] ?? "").filter((text) =>
    text.trim() !== ""
  );
  const bodies = texts.map((document) => ({ document }));
  await using server = await startOurs(store, [], { model: "nsmc", body: bodies[0] });
  const [ours] = await inTurn(pace, [server], ({ origin }) => (
    { url: `${origin}/predict`, body: bodies }
  ), scratch);
  return {
    case: name,
    ours: ours!,
    other: null,
    unit: "req/s",
    ratio: null,
    target: ">= 3000 req/s",
    holds: ours! >= 3000,
  };
}

/** A BERT-base: batches of texts of about the same length, beside one run a text. */
async function bertAgainstSingle({ rounds }: Pace, scratch: string): Promise<BenchCase> {
  const model = join(scratch, "bert-base");
  const store = join(scratch, "bert");
  await writeBertFolder(model);
  await measureCommand({
    args: [DENO, "task", "pipeline", "models", "import", model, "bert"],
    cwd: ROOT,
    env: { HANOK_STORE: store },
  });
  await Deno.remove(model, { recursive: true });
  const texts = mixedTexts(211).map((text) => ({ text }));
  const ask = ({ origin }: BenchServer) => ({ url: `${origin}/predict`, body: texts });
  const pace = { rounds: Math.min(rounds, 3), seconds: 12, connections: 128 };
  const rates: number[] = [];
  for (const words of [[], ["--batch-rows", "1"]]) {
    await using server = await startOurs(store, words, { model: "bert@candidate", body: texts[0] });
    rates.push(...await inTurn(pace, [server], ask, scratch));
  }
  return rateCase("BERT-base of random weights, mixed lengths, 128 connections", rates, {
    least: 2,
    note: "other: the same server with one run a text",
  });
}

/** Median rates of servers that are measured A B A B …, after a short round to warm up. */
async function inTurn(
  { rounds, seconds, connections = CONNECTIONS }: Pace,
  servers: readonly BenchServer[],
  request: (server: BenchServer) => { readonly url: string; readonly body: unknown },
  scratch: string,
): Promise<readonly number[]> {
  const rates: number[][] = servers.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, server] of servers.entries()) {
      const load = { ...request(server), connections, seconds };
      const rate = await measureLoad(load, scratch);
      if (round > 0) rates[i]!.push(rate);
    }
  }
  return rates.map(median);
}

function rateCase(
  name: string,
  [ours, other]: readonly number[],
  { least, note }: { readonly least: number; readonly note: string },
): BenchCase {
  const ratio = ours! / other!;
  return {
    case: name,
    ours: ours!,
    other: other!,
    unit: "req/s",
    ratio,
    target: `ratio >= ${least}`,
    holds: ratio >= least,
    note,
  };
}

function missing(name: string, note: string): BenchCase {
  const facts = { case: name, ours: null, other: null, unit: "", ratio: null, target: "" };
  return { ...facts, holds: null, note };
}
