import { join, resolve } from "node:path";
import { loadPredictor } from "../../mod.ts";
import { projectRoot, readSettings } from "../../runtime/settings.ts";
import { type BenchCase, type BenchReport, describeMachine } from "./bench_report.ts";
import { type CommandCost, measureCommand } from "./measure_command.ts";
import { measureTextPeers, type TextPeer } from "./text_peers.ts";

const ROOT = projectRoot(import.meta.dirname!);
const DENO = Deno.execPath();

/** Runs of the whole pipeline; the fastest counts, as others use the machine, too. */
const RUNS = 3;

/**
 * Measures the compact text classifier on NSMC, beside scikit-learn and fastText.
 *
 * @param args `--data FOLDER`: where `ratings_train.txt` and `ratings_test.txt` lie; else they are downloaded by name.
 */
export async function benchText(args: readonly string[]): Promise<BenchReport> {
  const at = args.indexOf("--data");
  const data = at < 0 ? null : resolve(readSettings().cwd, args[at + 1]!);
  const folder = await Deno.makeTempDir({ prefix: "hanok-bench-" });
  try {
    return { bench: "text", machine: describeMachine(), cases: await allCases(data, folder) };
  } catch (error) {
    // Without a copy of the data and without a network there is nothing to measure.
    if (data !== null || !String(error).includes("download/")) throw error;
    return { bench: "text", machine: describeMachine(), cases: [NO_DATA] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const NO_DATA: BenchCase = {
  case: "NSMC, read to registered",
  ...{ ours: null, other: null, unit: "s", ratio: null, target: "<= 15 s", holds: null },
  note: "the reviews cannot be downloaded: name their folder with --data",
};

async function allCases(data: string | null, folder: string): Promise<readonly BenchCase[]> {
  const runs: TextRun[] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await runNsmc(join(folder, `store-${i}`), data, []));
  const sampled: TextRun[] = [];
  const sample = ["dataset.sampling_rate=0.05", "models.compact.register_threshold=0"];
  for (let i = 0; i < RUNS; i++) {
    sampled.push(await runNsmc(join(folder, `sampled-${i}`), data, sample));
  }
  const dense = await runNsmc(join(folder, "dense"), data, ["models.compact.dense=true"]);
  const peers = data === null ? [] : await measureTextPeers(data, folder);
  return [
    ...qualityCases(runs, peers),
    ...await costCases(runs, sampled, folder),
    ...await denseCases(dense, folder),
    await speedCase(join(folder, "store-0"), data),
  ];
}

/** One run of the pipeline in an empty store. */
interface TextRun extends CommandCost {
  readonly accuracy: number;
  readonly store: string;
}

async function runNsmc(
  store: string,
  data: string | null,
  set: readonly string[],
): Promise<TextRun> {
  const output = `${store}.json`;
  const files = data === null
    ? []
    : [`dataset.train=${data}/ratings_train.txt`, `dataset.test=${data}/ratings_test.txt`];
  const words = [...files, ...set].flatMap((each) => ["--set", each]);
  const cost = await measureCommand({
    args: [
      "bash",
      "-c",
      'out=$1; shift; exec "$@" > "$out"',
      "bash",
      output,
      ...[DENO, "task", "pipeline", "run", "nsmc", "--engine", "cpu", "--json"],
      ...words,
    ],
    cwd: ROOT,
    env: { HANOK_STORE: store, INIT_CWD: ROOT },
  });
  const { metrics } = JSON.parse(await Deno.readTextFile(output)) as {
    readonly metrics: Readonly<Record<string, number>>;
  };
  return { ...cost, accuracy: metrics.accuracy!, store };
}

function qualityCases(runs: readonly TextRun[], peers: readonly TextPeer[]): readonly BenchCase[] {
  const { accuracy } = runs[0]!;
  const fastest = fastestOf(runs);
  const own = (other: TextPeer | undefined): readonly BenchCase[] => [
    {
      case: "accuracy on the test file",
      ours: accuracy,
      other: other?.accuracy ?? null,
      unit: "",
      ratio: other === undefined ? null : accuracy / other.accuracy,
      target: ">= 0.8825",
      holds: accuracy >= 0.8825,
      note: noteOf(other),
    },
    {
      case: "read to registered, wall",
      ours: fastest,
      other: other?.seconds ?? null,
      unit: "s",
      ratio: other === undefined ? null : fastest / other.seconds,
      target: "<= 15 s",
      holds: fastest <= 15,
      note: noteOf(other),
    },
  ];
  return peers.length === 0 ? own(undefined) : peers.flatMap(own);
}

function fastestOf(runs: readonly TextRun[]): number {
  return Math.min(...runs.map(({ wallSeconds }) => wallSeconds));
}

function noteOf(peer: TextPeer | undefined): string {
  return peer === undefined
    ? "no peer: needs --data, and scikit-learn or fastText"
    : `other: ${peer.name}`;
}

async function costCases(
  runs: readonly TextRun[],
  sampled: readonly TextRun[],
  folder: string,
): Promise<readonly BenchCase[]> {
  const peak = runs[0]!.peakMegabytes;
  const models = await Promise.all(
    runs.map(({ store }, i) => exportModel(store, join(folder, `m${i}`))),
  );
  const isSame = models.every(({ hash }) => hash === models[0]!.hash);
  return [
    atMost("peak memory", peak, 1200, "MB"),
    atMost("size of the model's folder", models[0]!.bytes / 1e6, 16, "MB"),
    atMost("5 % of the reviews, read to registered", fastestOf(sampled), 4, "s"),
    {
      case: `same bytes in ${runs.length} runs`,
      ...{ ours: isSame ? 1 : 0, other: null, unit: "", ratio: null, target: "1", holds: isSame },
    },
  ];
}

/** With the part that reads characters in their order. */
async function denseCases(run: TextRun, folder: string): Promise<readonly BenchCase[]> {
  const { bytes } = await exportModel(run.store, join(folder, "dense-model"));
  return [
    {
      case: "dense: accuracy on the test file",
      ...{ ours: run.accuracy, other: null, unit: "", ratio: null },
      ...{ target: ">= 0.8845", holds: run.accuracy >= 0.8845 },
    },
    atMost("dense: read to registered, wall", run.wallSeconds, 45, "s"),
    atMost("dense: size of the model's folder", bytes / 1e6, 25, "MB"),
  ];
}

function atMost(name: string, ours: number | null, most: number, unit: string): BenchCase {
  return {
    case: name,
    ...{ ours, other: null, unit, ratio: null },
    target: `<= ${most} ${unit}`,
    holds: ours === null ? null : ours <= most,
  };
}

/** Writes the files of the model, and says how large they are and what they hold. */
async function exportModel(
  store: string,
  to: string,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  const args = [DENO, "task", "pipeline", "models", "export", "nsmc/1", "--to", to];
  await measureCommand({ args, cwd: ROOT, env: { HANOK_STORE: store, INIT_CWD: ROOT } });
  const files = await Promise.all((await filesIn(to)).map((path) => Deno.readFile(path)));
  const digests = await Promise.all(files.map((file) => crypto.subtle.digest("SHA-256", file)));
  return {
    bytes: files.reduce((sum, { length }) => sum + length, 0),
    hash: digests.map((digest) => new Uint8Array(digest).toHex()).join(),
  };
}

/** Paths of all files in a folder, sorted. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    paths.push(...isDirectory ? await filesIn(path) : [path]);
  }
  return paths.sort();
}

/** Reviews a second through the predictor, all at once; the fastest of three. */
async function speedCase(store: string, data: string | null): Promise<BenchCase> {
  await using predictor = await loadPredictor("nsmc", { store });
  const texts = data === null
    ? Array.from({ length: 50_000 }, (_, i) => String(predictor.inputExample[i % 3]!.document))
    : (await Deno.readTextFile(join(data, "ratings_test.txt"))).split("\n").slice(1)
      .map((line) => line.split("\t")[1] ?? "");
  const rates: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    await predictor.predict(texts);
    rates.push(1000 * texts.length / (performance.now() - start));
  }
  const best = Math.max(...rates);
  return {
    case: "reviews a second, in batch",
    ...{ ours: best, other: null, unit: "/s", ratio: null },
    target: ">= 30000 /s",
    holds: best >= 30_000,
  };
}
