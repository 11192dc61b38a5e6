import type { BenchReport } from "./bench_report.ts";

/** What the engine's own bench prints: targets are numbers, for ratios or for figures without a peer. */
interface EngineReport extends Omit<BenchReport, "cases"> {
  readonly cases: readonly (Omit<BenchReport["cases"][number], "target"> & {
    readonly target: number;
  })[];
}

/** The engine beside PyTorch and jax-js: a bench of the sealed folder, run as a process of its own. */
export async function benchEngine(): Promise<BenchReport> {
  const script = new URL("../../runtime/engine/bench/main.ts", import.meta.url).pathname;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", script, "--json"],
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`bench:engine ended with ${code}`);
  const report = JSON.parse(new TextDecoder().decode(stdout)) as EngineReport;
  return {
    ...report,
    cases: report.cases.map((each) => ({
      ...each,
      target: `${each.ratio === null ? "" : "ratio "}<= ${each.target}`,
    })),
  };
}
