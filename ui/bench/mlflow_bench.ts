import { join } from "node:path";
import { openStore, type Store } from "../../runtime/store/mod.ts";
import { type BenchCase, type BenchReport, describeMachine } from "./bench_report.ts";
import { median } from "./measure_command.ts";
import { startMlflowServer } from "./mlflow_client.ts";

/** What MLflow 2.17's server with SQLite did on two cores, measured the same way. */
const MLFLOW = {
  runs: 54,
  metrics: 51,
  batched: 7100,
  search: 1900,
  ordered: 240,
  history: 150,
} as const;

/** How much is asked of the server. */
interface Amounts {
  readonly runs: number;
  readonly singles: number;
  readonly batches: number;
  readonly rounds: number;
  readonly manyRuns: number;
  readonly pointsPerRun: number;
}

const FULL: Amounts = {
  runs: 1000,
  singles: 2000,
  batches: 150,
  rounds: 25,
  manyRuns: 20_000,
  pointsPerRun: 100,
};
const QUICK: Amounts = { ...FULL, singles: 300, batches: 10, rounds: 5, manyRuns: 2000 };

/**
 * Measures what one client with one connection gets from the server, MLflow's protocol spoken.
 *
 * @param args `--quick`: fewer requests, to see that it works.
 */
export async function benchMlflow(args: readonly string[]): Promise<BenchReport> {
  const amounts = args.includes("--quick") ? QUICK : FULL;
  const folder = await Deno.makeTempDir({ prefix: "hanok-bench-" });
  try {
    return {
      bench: "mlflow",
      machine: describeMachine(),
      cases: [
        ...await small(join(folder, "small"), amounts),
        ...await large(join(folder, "large"), amounts),
      ],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A thousand runs, made by the client itself. */
async function small(folder: string, amounts: Amounts): Promise<BenchCase[]> {
  await using client = await startMlflowServer(folder);
  const { experiment_id } = await client.post("experiments/create", { name: "bench" });
  const ids: string[] = [];
  const tags = Object.entries({ "mlflow.user": "mina", "mlflow.source.name": "train.py" })
    .map(([key, value]) => ({ key, value }));
  const runs = await perSecond(amounts.runs, async () => {
    const { run } = await client.post("runs/create", { experiment_id, start_time: 1, tags });
    ids.push(run.info.run_id);
  });
  const [first, second] = ids as [string, string];
  const metrics = await perSecond(amounts.singles, (step) =>
    client.post("runs/log-metric", {
      run_id: first,
      run_uuid: first,
      key: "loss",
      value: 1 / (step + 1),
      timestamp: 1_700_000_000_000 + step,
      step,
    }));
  const bodies = Array.from({ length: amounts.batches }, (_, batch) => (
    { run_id: second, metrics: pointsOf(batch * 1000, (step) => `m${step % 10}`) }
  ));
  const batches = await perSecond(bodies.length, (i) => client.post("runs/log-batch", bodies[i]!));
  for (const [i, run_id] of ids.entries()) {
    await client.post("runs/log-batch", {
      run_id,
      metrics: Array.from({ length: 5 }, (_, k) => (
        { key: `k${k}`, value: Math.random(), timestamp: 1, step: 0 }
      )),
      params: Array.from({ length: 5 }, (_, k) => ({ key: `p${k}`, value: `${i}` })),
    });
  }
  for (const start of [0, 1000]) {
    await client.post("runs/log-batch", { run_id: first, metrics: pointsOf(start, () => "h") });
  }
  const search = { experiment_ids: [experiment_id], max_results: 1000 };
  const ordered = { ...search, max_results: 100, order_by: ["metrics.k1 DESC"] };
  const history = `metrics/get-history?run_id=${first}&metric_key=h&max_results=25000`;
  const times = {
    search: await milliseconds(amounts.rounds, () => client.post("runs/search", search)),
    ordered: await milliseconds(amounts.rounds, () => client.post("runs/search", ordered)),
    history: await milliseconds(amounts.rounds, () => client.get(history)),
  };
  return [
    rate("runs created", runs, MLFLOW.runs, 1100),
    rate("single metrics", metrics, MLFLOW.metrics, 1000),
    rate("metrics in batches of 1000", batches * 1000, MLFLOW.batched, 140_000),
    time("search of 1000 runs", times.search, MLFLOW.search, 95),
    time("first 100 by a metric", times.ordered, MLFLOW.ordered, 12),
    time("history of 2000 points", times.history, MLFLOW.history, 7),
  ];
}

/** Many runs and points, as after years of use. */
async function large(
  folder: string,
  { manyRuns, pointsPerRun, rounds }: Amounts,
): Promise<BenchCase[]> {
  {
    await using store = await openStore({ folder });
    await fill(store, manyRuns, pointsPerRun);
  }
  await using client = await startMlflowServer(folder);
  const search = { experiment_ids: ["0"], max_results: 100 };
  const points = `${manyRuns * pointsPerRun / 1e6} M points`;
  const ordered = await milliseconds(
    rounds,
    () => client.post("runs/search", { ...search, order_by: ["metrics.loss ASC"] }),
  );
  let token = "";
  const pages = await milliseconds(rounds, async () => {
    const sent = { ...search, order_by: ["metrics.loss ASC"], page_token: token };
    token = (await client.post("runs/search", sent)).next_page_token ?? "";
  });
  await client.post("runs/search", { ...search, max_results: 1000 });
  const memory = await client.memory();
  return [
    time(`first 100 of ${manyRuns} runs by a metric, ${points}`, ordered, null, 30),
    time(`a later page of them`, pages, null, 30),
    {
      case: `memory of the server with them`,
      ours: memory,
      other: null,
      unit: "MB",
      ratio: null,
      target: "<= 400 MB",
      holds: memory === null ? null : memory <= 400,
      ...(memory === null ? { note: "only Linux tells" } : {}),
    },
  ];
}

/** Runs with points, written as rows: the client would need minutes for them. */
async function fill(store: Store, runs: number, pointsPerRun: number): Promise<void> {
  const numbers = (count: number): string =>
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;
  await store.write(async (transaction) => {
    await transaction.execute(`INSERT INTO runs (run_id, run_name, experiment_id, user_id, status,
        start_time, end_time, artifact_uri)
      ${numbers(runs)} SELECT printf('%032x', i), 'run-' || i, 0, 'mina', 'FINISHED', i, i + 5,
        'mlflow-artifacts:/0/' || printf('%032x', i) || '/artifacts' FROM n`);
    await transaction.execute(`INSERT INTO metrics ${numbers(pointsPerRun)}
      SELECT r.run_id, 'loss', 1.0 / (1 + n.i) + abs(random() % 1000000) / 1e9, n.i, n.i, 0
      FROM runs r CROSS JOIN n`);
    await transaction.execute(`INSERT INTO latest_metrics SELECT run_id, key, value, timestamp,
      step, is_nan FROM metrics WHERE step = ${pointsPerRun - 1}`);
    await transaction.execute(`INSERT INTO run_params SELECT run_id, 'lr', '0.1' FROM runs`);
    await transaction.execute(`INSERT INTO run_tags SELECT run_id, 'team', 'a' FROM runs`);
  });
}

function pointsOf(start: number, key: (step: number) => string): object[] {
  return Array.from({ length: 1000 }, (_, index) => {
    const step = start + index;
    return { key: key(step), value: Math.random(), timestamp: 1_700_000_000_000 + step, step };
  });
}

async function perSecond(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) await work(i);
  return count / ((performance.now() - start) / 1000);
}

async function milliseconds(count: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return median(times);
}

function rate(name: string, ours: number, other: number, least: number): BenchCase {
  const target = `>= ${least} /s`;
  return { case: name, ours, unit: "/s", target, holds: ours >= least, ...unmeasured(other, "/s") };
}

function time(name: string, ours: number, other: number | null, most: number): BenchCase {
  const target = `<= ${most} ms`;
  return { case: name, ours, unit: "ms", target, holds: ours <= most, ...unmeasured(other, "ms") };
}

/** MLflow is on no machine of ours: its figure was measured elsewhere, and is no peer of this run. */
function unmeasured(
  mlflow: number | null,
  unit: string,
): Pick<BenchCase, "other" | "ratio" | "note"> {
  const note = mlflow === null
    ? "a bound, no peer"
    : `MLflow is not installed; 2.17 with sqlite on two cores was measured at ${mlflow} ${unit}`;
  return { other: null, ratio: null, note };
}
