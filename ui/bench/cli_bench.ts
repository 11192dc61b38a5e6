import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../runtime/settings.ts";
import { type BenchCase, type BenchReport, describeMachine } from "./bench_report.ts";
import { type CommandCost, measureInTurn } from "./measure_command.ts";

const ROOT = projectRoot(import.meta.dirname!);
const DENO = Deno.execPath();

/** Measures what a person waits for at the command line, beside a bare script and doit. */
export async function benchCli(): Promise<BenchReport> {
  const folder = await Deno.makeTempDir({ prefix: "hanok-bench-" });
  try {
    return {
      bench: "cli",
      machine: describeMachine(),
      cases: [
        ...await unchangedDigits(folder),
        ...await manySteps(folder),
        await typeCheck(folder),
      ],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** `digits` unchanged since the last run, whole process. */
async function unchangedDigits(folder: string): Promise<readonly BenchCase[]> {
  const store = join(folder, "digits-runs");
  const bare = join(folder, "bare.ts");
  await Deno.writeTextFile(bare, bareScript(join(store, "store.db")));
  const env = { HANOK_STORE: store, INIT_CWD: ROOT };
  const hanok = { args: [DENO, "task", "pipeline", "run", "digits"], cwd: ROOT, env };
  const script = {
    args: [DENO, "run", "-q", "-A", "--config", join(ROOT, "deno.json"), bare],
    cwd: ROOT,
  };
  // The first run trains; the second one leaves the manifest warm.
  await measureInTurn([hanok], 1);
  const doit = await doitCommand(folder);
  const [ours, other, peer] = await measureInTurn(
    doit === null ? [hanok, script] : [hanok, script, doit],
    9,
  );
  return [
    ratioCase("digits unchanged, wall", {
      ours: ours!.wallSeconds,
      other: other!.wallSeconds,
      most: 2,
      note: "other: a bare Deno script that opens the same database",
    }),
    cpuAgainstDoit(ours!, peer),
    {
      case: "digits unchanged, peak memory",
      ours: ours!.peakMegabytes,
      other: null,
      unit: "MB",
      ratio: null,
      target: "<= 120 MB",
      holds: ours!.peakMegabytes === null ? null : ours!.peakMegabytes <= 120,
      note: ours!.peakMegabytes === null ? "needs GNU time" : "a bound, no peer",
    },
  ];
}

function ratioCase(
  name: string,
  { ours, other, most, note }: {
    readonly ours: number;
    readonly other: number;
    readonly most: number;
    readonly note: string;
  },
): BenchCase {
  const ratio = ours / other;
  return {
    case: name,
    ours,
    other,
    unit: "s",
    ratio,
    target: `ratio <= ${most}`,
    holds: ratio <= most,
    note,
  };
}

function cpuAgainstDoit(ours: CommandCost, doit: CommandCost | undefined): BenchCase {
  const name = "digits unchanged, CPU";
  const facts = { case: name, ours: ours.cpuSeconds, unit: "s", target: "ratio < 1" };
  if (doit === undefined) {
    return { ...facts, other: null, ratio: null, holds: null, note: "doit is not installed" };
  }
  const ratio = ours.cpuSeconds / doit.cpuSeconds;
  const note = "other: doit, six steps with nothing to do";
  return { ...facts, other: doit.cpuSeconds, ratio, holds: ratio < 1, note };
}

/** The least that any program with this database must do. */
function bareScript(database: string): string {
  return `import { createClient } from "@libsql/client";
const client = createClient({ url: ${JSON.stringify(pathToFileURL(database).href)} });
await client.execute("SELECT count(*) FROM runs");
client.close();
`;
}

/** Six up-to-date doit tasks, or `null` where doit is not installed. */
async function doitCommand(folder: string) {
  const found = await new Deno.Command("bash", { args: ["-c", "command -v doit"], stderr: "null" })
    .output();
  if (!found.success) return null;
  const cwd = join(folder, "doit");
  await Deno.mkdir(cwd);
  await Deno.writeTextFile(join(cwd, "s0"), "start\n");
  await Deno.writeTextFile(
    join(cwd, "dodo.py"),
    `def task_chain():
    for i in range(6):
        yield {"name": str(i), "file_dep": [f"s{i}"], "targets": [f"s{i + 1}"],
               "actions": [f"cp s{i} s{i + 1}"]}
`,
  );
  return { args: [new TextDecoder().decode(found.stdout).trim()], cwd };
}

/** 100 trivial steps: cold, and cached against six. */
async function manySteps(folder: string): Promise<readonly BenchCase[]> {
  const [six, hundred] = await Promise.all([writeChain(folder, 6), writeChain(folder, 100)]);
  const command = (path: string, store: string) => ({
    args: [DENO, "task", "pipeline", "run", path],
    cwd: ROOT,
    env: { HANOK_STORE: join(folder, store), INIT_CWD: folder },
  });
  const cold: CommandCost[][] = [[], []];
  for (let round = 0; round < 5; round++) {
    for (const [i, path] of [six, hundred].entries()) {
      const { measureCommand } = await import("./measure_command.ts");
      cold[i]!.push(await measureCommand(command(path, `chain-${i}-${round}`)));
    }
  }
  const { median } = await import("./measure_command.ts");
  const [coldSix, coldHundred] = cold.map((each) =>
    median(each.map(({ cpuSeconds }) => cpuSeconds))
  );
  const perStep = 1000 * (coldHundred! - coldSix!) / 94;
  const [warmSix, warmHundred] = await measureInTurn(
    [command(six, "chain-0-0"), command(hundred, "chain-1-0")],
    5,
  );
  const extra = warmHundred!.wallSeconds - warmSix!.wallSeconds;
  return [
    {
      case: "100 trivial steps cold, CPU a step",
      ours: perStep,
      other: null,
      unit: "ms",
      ratio: null,
      target: "<= 5 ms",
      holds: perStep <= 5,
      note: "what 94 steps more than 6 cost; a bound, no peer",
    },
    {
      case: "100 steps cached, wall beyond 6 steps",
      ours: extra,
      other: null,
      unit: "s",
      ratio: null,
      target: "<= 0.2 s",
      holds: extra <= 0.2,
      note: "a bound, no peer",
    },
  ];
}

/** A pipeline of trivial steps in a row, in a file of its own. */
async function writeChain(folder: string, steps: number): Promise<string> {
  const path = join(folder, `chain_${steps}.ts`);
  const door = pathToFileURL(join(ROOT, "mod.ts")).href;
  await Deno.writeTextFile(path, chainModule(door, steps));
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ imports: {} }));
  return path;
}

function chainModule(door: string, steps: number): string {
  return `import { definePipeline, defineStep, z } from ${JSON.stringify(door)};

const first = defineStep({
  module: import.meta.url,
  name: "first",
  inputs: {},
  outputs: { value: "json" },
  run: () => Promise.resolve({ value: 0 }),
});

const next = defineStep({
  module: import.meta.url,
  name: "next",
  inputs: { value: "json" },
  outputs: { value: "json" },
  run: (_context, { value }) => Promise.resolve({ value: Number(value) + 1 }),
});

export default definePipeline({
  name: "chain-${steps}",
  config: z.object({}),
  build: () => {
    const n0 = first("n0", {});
${
    Array.from({ length: steps - 1 }, (_, i) =>
      `    const n${i + 1} = next("n${i + 1}", { inputs: { value: n${i}.value } });`).join("\n")
  }
    return n${steps - 1};
  },
});
`;
}

/** Types of a pipeline with 200 nodes against one with 10. */
async function typeCheck(folder: string): Promise<BenchCase> {
  const [ten, twoHundred] = await Promise.all([writeChain(folder, 10), writeChain(folder, 200)]);
  const check = (path: string, cache: string) => ({
    args: [
      "bash",
      "-c",
      // Deno remembers what it has checked: a changed file is checked anew.
      `echo "// $RANDOM$RANDOM" >> ${path} && ${DENO} check -q --config ${
        join(ROOT, "deno.json")
      } ${path}`,
    ],
    cwd: ROOT,
    env: { BENCH: cache },
  });
  const [small, large] = await measureInTurn([check(ten, "10"), check(twoHundred, "200")], 3);
  const [ours, other] = [large!.wallSeconds, small!.wallSeconds];
  return {
    case: "deno check of 200 nodes against 10",
    ours,
    other,
    unit: "s",
    ratio: ours / other,
    target: "ours <= 2 x other + 1 s",
    holds: ours <= 2 * other + 1,
  };
}
