import { openStore } from "../../runtime/store/mod.ts";
import { startServer } from "../web/mod.ts";
import type { BenchCase } from "./bench_report.ts";
import { type Crowded, crowdStore } from "./crowded_store.ts";
import { median } from "./measure_command.ts";

const CROWD = {
  runs: 10_000,
  versions: 3_000,
  changes: 10_000,
  models: 300,
  lines: 200_000,
  files: 5_000,
  feedback: 100_000,
} as const;
const MOST_MS = 100;

/** Pages and answers that grow with the store, were they whole. */
function pagesOf({ model, runId, dataset }: Crowded): readonly string[] {
  const old = `offset=${CROWD.versions - 50}&history_offset=${CROWD.changes - 100}`;
  return [
    "/",
    "/runs",
    `/runs?offset=${CROWD.runs - 50}`,
    "/runs?sort=accuracy",
    "/api/runs?limit=100",
    `/runs/${runId}`,
    `/api/runs/${runId}`,
    `/runs/${runId}/chart.svg?key=train/crowded`,
    `/runs/${runId}/step?node=train`,
    `/runs/${runId}/data?of=split.training`,
    `/runs/${runId}/file?path=train/model/README.md`,
    `/runs/compare?run=${"0".repeat(32)}&run=${runId}`,
    "/models",
    "/api/models",
    `/models/${model}`,
    `/models/${model}?${old}`,
    `/api/models/${model}`,
    `/?model=${model}/1`,
    `/lineage?of=${model}/1`,
    `/lineage?of=${dataset}`,
    "/docs",
    "/openapi.json",
    "/healthz",
    "/metrics",
  ];
}

/**
 * The slowest page of a store with many runs, versions and changes.
 *
 * @param folder Of a store in which a pipeline has registered a model.
 */
export async function benchManyRuns(folder: string): Promise<BenchCase> {
  await using store = await openStore({ folder });
  const pages = pagesOf(await crowdStore(store, CROWD));
  await using server = await startServer({ port: 0, store, accessLog: false });
  const times: (readonly [path: string, ms: number])[] = [];
  for (const path of pages) {
    const rounds: number[] = [];
    for (let round = 0; round < 6; round++) {
      const from = performance.now();
      const answer = await fetch(server.url.slice(0, -1) + path);
      await answer.text();
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
      if (round > 0) rounds.push(performance.now() - from);
    }
    times.push([path, median(rounds)]);
  }
  times.sort((a, b) => b[1] - a[1]);
  const slowest = times[0]![1];
  return {
    case: `slowest of ${pages.length} pages with ${CROWD.runs} runs, ${CROWD.versions} versions`,
    ours: slowest,
    other: null,
    unit: "ms",
    ratio: null,
    target: `<= ${MOST_MS} ms`,
    holds: slowest <= MOST_MS,
    note: times.map(([path, ms]) => `${path} ${ms.toFixed(0)}`).join(", "),
  };
}
