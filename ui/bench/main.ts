import { type BenchReport, renderReport } from "./bench_report.ts";

/** Parts of `deno task bench`, each imported when it is asked for. */
const PARTS: Readonly<Record<string, (args: readonly string[]) => Promise<BenchReport>>> = {
  cli: async () => await (await import("./cli_bench.ts")).benchCli(),
  engine: async () => await (await import("./engine_bench.ts")).benchEngine(),
  mlflow: async (args) => await (await import("./mlflow_bench.ts")).benchMlflow(args),
  serve: async (args) => await (await import("./serve_bench.ts")).benchServe(args),
  text: async (args) => await (await import("./text_bench.ts")).benchText(args),
};

/** `bench [part…] [--data FOLDER] [--case NAME] [--json]`: prints one report per part; ends with 1 when a target does not hold. */
async function main(args: readonly string[]): Promise<number> {
  const withValue = ["--data", "--case"];
  const chosen = args.filter((each, i) =>
    !each.startsWith("-") && !withValue.includes(args[i - 1] ?? "")
  );
  const unknown = chosen.filter((part) => !(part in PARTS));
  if (unknown.length > 0) {
    write(Deno.stderr, `No such bench: ${unknown.join(", ")}. Known: ${Object.keys(PARTS)}`);
    return 2;
  }
  let holds = true;
  for (const part of chosen.length > 0 ? chosen : Object.keys(PARTS)) {
    const report = await PARTS[part]!(args);
    const lines = args.includes("--json")
      ? [JSON.stringify(report, null, 2)]
      : renderReport(report);
    write(Deno.stdout, lines.join("\n"));
    holds &&= report.cases.every((each) => each.holds !== false);
  }
  return holds ? 0 : 1;
}

function write(to: typeof Deno.stdout, text: string): void {
  to.writeSync(new TextEncoder().encode(`${text}\n`));
}

Deno.exit(await main(Deno.args));
