import type { Plan } from "../../../runtime/executor/plan_run.ts";
import { COMMAND } from "../closing_card.ts";
import { type AnyCommand, collect, newCommand } from "../new_command.ts";
import type { Paint } from "../paint.ts";
import { plural } from "../quantity.ts";
import { engineOption, runOptions } from "../run_flags.ts";
import { printJson, type Shell } from "../shell.ts";
import { shellQuote } from "../../shell_quote.ts";
import { onOneLine, padEnd, textWidth } from "../text_width.ts";

/** `plan [target]`: what a run would do now. */
export function command(shell: Shell): AnyCommand {
  return newCommand("plan", {
    summary: "what would run, what is cached, and why; runs nothing",
    about: "A node whose inputs come from a node that will run cannot be decided yet:\n" +
      "it is cached when that node gives the same result as before.",
    examples: [
      ["plan", "the pipeline of this folder"],
      ["plan iris --set epochs=100", "what one changed value would run again"],
    ],
  })
    .argument("[target]", "pipeline to look at")
    .option("-c, --config <file>", "YAML file with values, or its name beside the pipeline")
    .option("-s, --set <key=value>", "change one value of the config; repeatable", collect)
    .option("--from <node>", "as if run with --from; repeatable", collect)
    .option("--force <node>", "as if run with --force; repeatable", collect)
    .option("--no-cache", "as if run with --no-cache")
    .option("--verify", "check the bytes of cached results too")
    .addOption(engineOption())
    .action(async (target, { json, ...flags }) => {
      const { loadPipeline, planPipeline } = await import("../../../runtime/mod.ts");
      const { settings, terminal } = shell;
      const loaded = await loadPipeline(target, settings);
      const plan = await planPipeline(loaded, runOptions(flags), settings);
      if (json) return printJson(shell, plan);
      terminal.out.lines(renderPlan(plan, shell.args, terminal.out.paint));
    }) as AnyCommand;
}

const ACTIONS = {
  run: ["▸", "run", "green"],
  cached: ["≡", "cached", "cyan"],
  unknown: ["?", "depends", "yellow"],
  skip: ["·", "skip", "dim"],
} as const;

/**
 * One line a node, then what the whole comes to and the command that does it.
 *
 * @param args Words of the command line, `plan` first.
 */
export function renderPlan(
  { pipeline, nodes }: Plan,
  args: readonly string[],
  paint: Paint,
): string[] {
  const width = Math.max(0, ...nodes.map(({ node }) => textWidth(node)));
  const lines = nodes.map(({ node, action, reason }) => {
    const [mark, word, colour] = ACTIONS[action];
    return `${paint[colour](mark)} ${padEnd(node, width)}  ${padEnd(word, 7)}  ${onOneLine(reason)}`
      .trimEnd();
  });
  const counts = (["run", "cached", "unknown", "skip"] as const)
    .map((action) => [action, nodes.filter((each) => each.action === action).length] as const)
    .filter(([, count]) => count > 0)
    .map(([action, count]) => `${count} ${TOTALS[action]}`);
  const same = args.slice(1).filter((word) => word !== "--trace").map(shellQuote);
  const command = [COMMAND, "run", ...same].join(" ");
  return [
    `${paint.bold("plan")}  ${pipeline}`,
    ...lines,
    `${plural(nodes.length, "node")}: ${counts.join(", ")}`,
    `next: ${command}`,
  ];
}

const TOTALS = {
  run: "to run",
  cached: "cached",
  unknown: "decided by what runs before",
  skip: "to skip",
} as const;
