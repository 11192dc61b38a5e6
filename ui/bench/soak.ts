import { join } from "node:path";
import { projectRoot } from "../../runtime/settings.ts";
import { describeMachine } from "./bench_report.ts";
import { collectGarbage } from "./collect_garbage.ts";
import { startBenchServer } from "./http_load.ts";
import { median } from "./measure_command.ts";
import { countPoints, writePoints } from "./soak_writers.ts";

// `deno task soak [--minutes 30]`: mixed load on a real server, and whether it holds. Ends with 1 when it does not.

const ROOT = projectRoot(import.meta.dirname!);
const DENO = Deno.execPath();
const PORT = 18_313;
const INSPECTOR = 18_314;
const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const PICTURE = { rows: [Array.from({ length: 64 }, (_, i) => (i * 7) % 17)] };
const PAGES = [
  "/",
  "/runs",
  "/models",
  "/models/iris",
  "/models/digits",
  "/lineage?of=iris/1",
  "/metrics",
];
/** Memory may grow by this part from a rest after a quarter of the time to one at the end. */
const MOST_GROWTH = 0.1;

const SERVE = [DENO, "task", "serve"];
/** In one process, whose inspector is asked to collect garbage before its memory is read. */
const SERVE_INSPECTED = [
  DENO,
  "run",
  "-q",
  "-A",
  `--inspect=127.0.0.1:${INSPECTOR}`,
  "ui/cli/main.ts",
  "serve",
];

/** What went on, and what went wrong. */
interface Soak {
  readonly until: number;
  readonly origin: string;
  readonly store: string;
  predictions: number;
  pages: number;
  feedback: number;
  swaps: number;
  runs: number;
  points: number;
  readonly memory: number[];
  /** What is held when nothing goes on and all garbage is collected: garbage is no growth. */
  readonly resting: Rest[];
  /** While it is there, everybody waits. */
  rest: Promise<void> | undefined;
  readonly errors: Map<string, number>;
}

async function main(): Promise<number> {
  const at = Deno.args.indexOf("--minutes");
  const minutes = at < 0 ? 30 : Number(Deno.args[at + 1]);
  const folder = await Deno.makeTempDir({ prefix: "hanok-soak-" });
  try {
    const store = join(folder, "store");
    for (const words of [["iris"], ["iris", "--set", "seed=2"], ["digits"]]) {
      const code = await pipeline(store, ["run", ...words]);
      if (code !== 0) throw new Error(`pipeline run ${words.join(" ")} ended with ${code}`);
    }
    await using server = await startBenchServer({
      args: [
        ...isLong(minutes) ? SERVE_INSPECTED : SERVE,
        "--port",
        String(PORT),
        "--sample-rate",
        "0.01",
      ],
      port: PORT,
      cwd: ROOT,
      env: { HANOK_STORE: store },
      first: { path: "/models/iris/predict", body: FLOWER },
    });
    const soak: Soak = {
      until: Date.now() + minutes * 60_000,
      origin: server.origin,
      store,
      predictions: 0,
      pages: 0,
      feedback: 0,
      swaps: 0,
      runs: 0,
      points: 0,
      memory: [],
      resting: [],
      rest: undefined,
      errors: new Map(),
    };
    await Promise.all([
      ...Array.from({ length: 4 }, (_, i) => predict(soak, i % 2 === 0 ? "iris" : "digits")),
      visit(soak),
      tell(soak),
      swap(soak),
      train(soak),
      watchMemory(soak),
      rest(soak, minutes),
      ...Array.from({ length: 4 }, () => log(soak)),
    ]);
    return await report(soak, minutes);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function predict(soak: Soak, model: "iris" | "digits"): Promise<void> {
  while (await goesOn(soak)) {
    const body = model === "iris" ? FLOWER : PICTURE;
    if (await ask(soak, `/models/${model}/predict`, body) !== undefined) soak.predictions++;
  }
}

async function visit(soak: Soak): Promise<void> {
  while (await goesOn(soak)) {
    for (const path of PAGES) if (await ask(soak, path) !== undefined) soak.pages++;
    await pause(50);
  }
}

/** Predicts, and tells what was right: every word of it must be found at the end. */
async function tell(soak: Soak): Promise<void> {
  while (await goesOn(soak)) {
    const answer = await ask(soak, "/models/iris/predict", FLOWER);
    const request_id = answer?.headers.get("x-request-id");
    if (await ask(soak, "/feedback", { request_id, label: "setosa" }) !== undefined) {
      soak.feedback++;
    }
    await pause(100);
  }
}

async function swap(soak: Soak): Promise<void> {
  while (await goesOn(soak)) {
    const version = soak.swaps % 2 + 1;
    const path = "/api/models/iris/aliases/champion";
    if (await ask(soak, path, { version, why: "soak" }, "PUT") !== undefined) soak.swaps++;
    await pause(1000);
  }
}

/** A training run beside the server, as a process of its own. */
async function train(soak: Soak): Promise<void> {
  for (let seed = 100; await goesOn(soak); seed++) {
    const words = ["run", "iris", "--set", `seed=${seed}`];
    const code = await pipeline(soak.store, words);
    // A gate that says no is an answer, too.
    if (code !== 0 && code !== 3) note(soak, `pipeline ${words.join(" ")} ended with ${code}`);
    else soak.runs++;
    await pause(2000);
  }
}

/** One of several writers of metrics: every point that was answered must be there, once. */
async function log(soak: Soak): Promise<void> {
  try {
    const { run, written } = await writePoints(soak.origin, () => goesOn(soak));
    soak.points += written;
    const kept = await countPoints(soak.origin, run);
    if (kept !== written) note(soak, `${written} points were written, and ${kept} are kept`);
  } catch (error) {
    note(soak, `a writer of metrics: ${error instanceof Error ? error.message : error}`);
  }
}

async function goesOn(soak: Soak): Promise<boolean> {
  await soak.rest;
  return Date.now() < soak.until;
}

async function watchMemory(soak: Soak): Promise<void> {
  while (Date.now() < soak.until) {
    if (soak.rest === undefined) soak.memory.push(await residentBytes(soak));
    await pause(500);
  }
}

async function residentBytes({ origin }: Soak): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
}

/** A look at the server while it rests. */
interface Rest {
  /** Of the process. */
  readonly bytes: number;
  /** Of these in V8's heap. */
  readonly objects: number;
}

/** Long enough for the last training run to end. */
const REST_MS = 12_000;
const RESTS = 4;

/** Lets the server rest after each quarter of the time; a short soak has no time for it. */
async function rest(soak: Soak, minutes: number): Promise<void> {
  if (!isLong(minutes)) return;
  for (let quarter = RESTS - 1; quarter >= 0; quarter--) {
    const end = soak.until - quarter * minutes * 60_000 / RESTS;
    await pause(end - REST_MS - Date.now());
    soak.rest = pause(REST_MS);
    await pause(REST_MS / 2);
    const objects = await collectGarbage(INSPECTOR);
    // What the collection frees is given back a moment later.
    await pause(REST_MS / 4);
    soak.resting.push({ bytes: await residentBytes(soak), objects });
    await soak.rest;
    soak.rest = undefined;
  }
}

/** Whether memory has the time to come to where it stays. */
function isLong(minutes: number): boolean {
  return minutes >= 5;
}

async function ask(
  soak: Soak,
  path: string,
  body?: unknown,
  method = body === undefined ? "GET" : "POST",
): Promise<Response | undefined> {
  try {
    const response = await fetch(soak.origin + path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return response;
    note(soak, `${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
  } catch (error) {
    note(soak, `${method} ${path}: ${error instanceof Error ? error.message : error}`);
  }
  return undefined;
}

function note({ errors }: Soak, problem: string): void {
  errors.set(problem, (errors.get(problem) ?? 0) + 1);
}

async function pipeline(store: string, words: readonly string[]): Promise<number> {
  const { code } = await new Deno.Command(DENO, {
    args: ["task", "-q", "pipeline", ...words],
    cwd: ROOT,
    env: { HANOK_STORE: store, INIT_CWD: ROOT, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return code;
}

async function report(soak: Soak, minutes: number): Promise<number> {
  const { origin, errors, memory } = soak;
  const told = await count(
    origin,
    "/api/models/iris/traffic",
    ({ feedback }) => (feedback as { told: number }[]).reduce((sum, each) => sum + each.told, 0),
  );
  if (told !== soak.feedback) note(soak, `${soak.feedback} were told, and ${told} are kept`);
  const kept = await countRuns(origin);
  if (kept !== soak.runs + 2) note(soak, `${soak.runs + 2} runs ended, and ${kept} are kept`);
  const third = Math.floor(memory.length / 3);
  const loaded = [median(memory.slice(0, third)), median(memory.slice(-third))];
  const [early, late] = [soak.resting[0], soak.resting.at(-1)];
  if (early !== undefined && late!.bytes > early.bytes * (1 + MOST_GROWTH)) {
    note(soak, `memory grew from ${early.bytes} to ${late!.bytes} bytes`);
  }
  const inMegabytes = (bytes: number): number => Math.round(bytes / 1e6);
  const report = {
    soak: `${minutes} min`,
    machine: describeMachine(),
    predictions: soak.predictions,
    pages: soak.pages,
    feedback: soak.feedback,
    swaps: soak.swaps,
    training_runs: soak.runs,
    metric_points: soak.points,
    memory_mb: loaded.map(inMegabytes),
    resting_memory_mb: soak.resting.map(({ bytes }) => inMegabytes(bytes)),
    resting_objects_mb: soak.resting.map(({ objects }) => inMegabytes(objects)),
    errors: Object.fromEntries(errors),
  };
  await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`));
  return errors.size === 0 ? 0 : 1;
}

/** Runs of the pipeline that came to their end. */
async function countRuns(origin: string): Promise<number> {
  const [limit, path] = [500, "/api/runs?limit=500&pipeline=iris"];
  let ended = 0;
  for (let offset = 0;; offset += limit) {
    let found = 0;
    ended += await count(origin, `${path}&offset=${offset}`, ({ runs }) => {
      const statuses = (runs as { status: string }[]).map(({ status }) => status);
      found = statuses.length;
      return statuses.filter((each) => each === "succeeded" || each === "gated").length;
    });
    if (found < limit) return ended;
  }
}

async function count(
  origin: string,
  path: string,
  read: (facts: Readonly<Record<string, unknown>>) => number,
): Promise<number> {
  return read(await (await fetch(origin + path)).json());
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.exit(await main());
