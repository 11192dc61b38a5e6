/**
 * Measures the engine beside PyTorch, each in a process of its own on one thread: `deno run -A runtime/engine/bench/main.ts [--json] [WORD…]`.
 *
 * Words choose the cases whose name holds one of them. Only ratios travel from machine to machine.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import process from "node:process";
import { type BenchCase, benchCases } from "./cases.ts";

/** What one process found. */
interface Measured {
  readonly losses: readonly number[];
  readonly milliseconds: readonly number[];
  readonly peakKilobytes: number;
}

/** One line of the outcome. */
interface Outcome {
  readonly case: string;
  readonly ours: number;
  readonly other: number | null;
  readonly unit: string;
  readonly ratio: number | null;
  readonly target: number;
  /** `null` when it could not be told. */
  readonly holds: boolean | null;
  /** Why there is no peer. */
  readonly note?: string;
}

const PYTHON = "/usr/bin/python3"; // Debian's, which has python3-torch
const ROUNDS = 3;
const SECOND_EPOCH_TARGET = 0.25;
const LOSS_TARGET = 1e-5; // relative, over the first 20 iterations

const here = (file: string): string => new URL(file, import.meta.url).pathname;

async function output(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { OMP_NUM_THREADS: "1" },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function measure(command: string, args: readonly string[]): Promise<Measured> {
  return JSON.parse(await output(command, args)) as Measured;
}

async function hasPytorch(): Promise<boolean> {
  try {
    return (await new Deno.Command(PYTHON, { args: ["-c", "import torch"], stderr: "null" })
      .output()).success;
  } catch {
    return false; // no Python at all
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

async function compare(name: string, bench: BenchCase, withPeer: boolean): Promise<Outcome[]> {
  const folder = await mkdtemp(`${tmpdir()}/hanok-bench-`);
  try {
    await output(Deno.execPath(), ["run", "-A", here("prepare.ts"), name, folder]);
    const { ours, peer } = await inTurns(name, bench, folder, withPeer);
    const kept = bench.unfrozenLayers === undefined ? [] : [await secondEpoch(name, folder)];
    const web = bench.measuresWeb
      ? [await besideJax(name, folder, "wasm"), await besideJax(name, folder, "webgpu")]
      : [];
    const lengths = bench.measuresLengths ? [await lengthBuckets(name, folder)] : [];
    return [...outcomes(name, bench, ours, peer), ...kept, ...web, ...lengths];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Both in turns, several times: what else the machine does slows both. */
async function inTurns(
  name: string,
  bench: BenchCase,
  folder: string,
  withPeer: boolean,
): Promise<{ ours: Measured; peer: Measured | undefined }> {
  const [ours, peer]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await measure(Deno.execPath(), ["run", "-A", here("ours.ts"), name, folder]));
    if (!withPeer) continue;
    peer.push(await measure(PYTHON, [here("pytorch.py"), JSON.stringify(bench), folder]));
  }
  return { ours: together(ours), peer: withPeer ? together(peer) : undefined };
}

/** Every time and the highest peak; the losses are the same in each round. */
function together(rounds: readonly Measured[]): Measured {
  return {
    losses: rounds[0]!.losses,
    milliseconds: rounds.flatMap(({ milliseconds }) => milliseconds),
    peakKilobytes: Math.max(...rounds.map(({ peakKilobytes }) => peakKilobytes)),
  };
}

async function secondEpoch(name: string, folder: string): Promise<Outcome> {
  const found = await output(Deno.execPath(), ["run", "-A", here("frozen.ts"), name, folder]);
  const { first, second } = JSON.parse(found) as { first: number[]; second: number[] };
  const ratio = median(second) / median(first);
  return {
    case: `${name}: an iteration of the second epoch / of the first, frozen part kept`,
    ours: median(second),
    other: median(first),
    unit: "ms",
    ratio,
    target: SECOND_EPOCH_TARGET,
    holds: ratio <= SECOND_EPOCH_TARGET,
  };
}

/** Ours beside jax-js, on an engine that browsers have, too. */
async function besideJax(
  name: string,
  folder: string,
  device: "wasm" | "webgpu",
): Promise<Outcome> {
  const title = `${name}: CPU time of an iteration on ${device}, beside jax-js`;
  const run = (who: string) =>
    measure(Deno.execPath(), ["run", "-A", here("web.ts"), device, who, name, folder]);
  if (device === "webgpu" && await navigator.gpu?.requestAdapter() == null) {
    return { ...skipped(title), note: "there is no WebGPU adapter" };
  }
  const [ours, other] = [await run("ours"), await run("jax")];
  const apart = largestDifference(ours, other);
  const ratio = median(ours.milliseconds) / median(other.milliseconds);
  return {
    case: `${title} (losses differ by ${apart.toExponential(0)})`,
    ours: median(ours.milliseconds),
    other: median(other.milliseconds),
    unit: "ms",
    ratio,
    target: 1,
    holds: ratio <= 1 && apart <= LOSS_TARGET,
  };
}

function skipped(title: string): Outcome {
  return { case: title, ours: 0, other: null, unit: "ms", ratio: null, target: 1, holds: null };
}

/** Relative, over the first 20 iterations. */
function largestDifference(ours: Measured, peer: Measured): number {
  return Math.max(
    ...ours.losses.slice(0, 20).map((loss, i) =>
      Math.abs(loss - peer.losses[i]!) / Math.abs(peer.losses[i]!)
    ),
  );
}

async function lengthBuckets(name: string, folder: string): Promise<Outcome> {
  const found = await output(Deno.execPath(), ["run", "-A", here("lengths.ts"), name, folder]);
  const { padded, bucketed } = JSON.parse(found) as { padded: number; bucketed: number };
  return {
    case: `${name}: texts filled up to the longest / to a few lengths`,
    ours: padded,
    other: bucketed,
    unit: "tokens/s",
    ratio: padded / bucketed,
    target: 1,
    holds: padded <= bucketed,
  };
}

function outcomes(
  name: string,
  bench: BenchCase,
  ours: Measured,
  peer: Measured | undefined,
): Outcome[] {
  const line = (
    title: string,
    unit: string,
    target: number,
    of: (m: Measured) => number,
  ): Outcome => {
    const other = peer === undefined ? null : of(peer);
    const ratio = other === null ? null : of(ours) / other;
    const reason = peer === undefined ? { note: "PyTorch is not installed" } : {};
    return {
      case: `${name}: ${title}`,
      ours: of(ours),
      other,
      unit,
      ratio,
      target,
      holds: ratio === null ? null : ratio <= target,
      ...reason,
    };
  };
  const apart = peer === undefined ? null : largestDifference(ours, peer);
  return [
    line(
      "CPU time of an iteration",
      "ms",
      bench.target,
      ({ milliseconds }) => median(milliseconds),
    ),
    line("peak memory", "MB", 1, ({ peakKilobytes }) => peakKilobytes / 1024),
    {
      case: `${name}: largest relative difference of losses`,
      ours: apart ?? 0,
      other: null,
      unit: "1",
      ratio: null,
      target: LOSS_TARGET,
      holds: apart === null ? null : apart <= LOSS_TARGET,
      note: apart === null ? "PyTorch is not installed" : "a bound, no peer",
    },
  ];
}

function render({ case: title, ours, other, unit, ratio, target, holds }: Outcome): string {
  const numbers = other === null
    ? `${ours.toPrecision(3)} ${unit}`
    : `${ours.toFixed(1)} / ${other.toFixed(1)} ${unit}`;
  const share = ratio === null ? "" : `  ratio ${ratio.toFixed(2)}`;
  return `${
    holds === null ? "?" : holds ? "✓" : "✗"
  } ${title}  ${numbers}${share}  target ${target}`;
}

const json = process.argv.includes("--json");
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const withPeer = await hasPytorch();
const all: Outcome[] = [];
for (const [name, bench] of Object.entries(benchCases)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  const found = await compare(name, bench, withPeer);
  if (!json) process.stdout.write(`${found.map(render).join("\n")}\n`);
  all.push(...found);
}
const machine = `${cpus()[0]?.model ?? Deno.build.arch}, ${cpus().length} cores`;
if (json) process.stdout.write(`${JSON.stringify({ bench: "engine", machine, cases: all })}\n`);
