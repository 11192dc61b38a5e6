import { renderMermaid } from "../../../pipeline/mod.ts";
import { type AnyCommand, collect, newCommand } from "../new_command.ts";
import { runOptions } from "../run_flags.ts";
import { printJson, type Shell } from "../shell.ts";

/** `graph [target]`: the pipeline as a drawing. */
export function command(shell: Shell): AnyCommand {
  return newCommand("graph", {
    summary: "draw the pipeline as Mermaid or JSON",
    about: "GitHub, GitLab and many editors draw Mermaid: put it between ```mermaid and ```.",
    examples: [
      ["graph iris", "Mermaid"],
      ["graph iris --json", "nodes, inputs, outputs and params as JSON"],
    ],
  })
    .argument("[target]", "pipeline to draw")
    .option("-c, --config <file>", "YAML file with values, or its name beside the pipeline")
    .option("-s, --set <key=value>", "change one value of the config; repeatable", collect)
    .action(async (target, { json, ...flags }) => {
      const { graphOf, loadPipeline } = await import("../../../runtime/mod.ts");
      const loaded = await loadPipeline(target, shell.settings);
      const graph = await graphOf(loaded, runOptions({ ...flags, cache: true }), shell.settings);
      if (json) return printJson(shell, graph);
      shell.terminal.out.write(renderMermaid(graph));
    }) as AnyCommand;
}
