import { COMMAND } from "../closing_card.ts";
import { renderLineage } from "../lineage_tree.ts";
import { type AnyCommand, newCommand } from "../new_command.ts";
import { openShellStore, printJson, type Shell } from "../shell.ts";

/** `lineage WHAT`: where something came from, and what was made of it. */
export function command(shell: Shell): AnyCommand {
  return newCommand("lineage", {
    summary: "where a model or an artifact came from, and what it became",
    about: "Back to the bytes of the data, the code and the config; forwards to every model.",
    examples: [
      ["lineage digits@champion", "where the champion came from"],
      ["lineage 8f3a2b1c --forward", "what was made of an artifact"],
      ["lineage iris.csv --forward", "what was made of a data file"],
      ["lineage digits/3 --mermaid", "a drawing"],
    ],
  })
    .argument("<what>", "model, name@alias, name/version, data file, or the start of a hash")
    .option("--forward", "what was made of it, instead of where it came from")
    .option("--mermaid", "as a Mermaid drawing")
    .action(async (what, { json, forward, mermaid }) => {
      const { renderLineageMermaid, trace } = await import("../../../runtime/lineage/mod.ts");
      await using store = await openShellStore(shell);
      const direction = forward ? "descendants" : "ancestors";
      const graph = await trace(store, what, json ? "both" : direction);
      if (json) return printJson(shell, graph);
      const { out } = shell.terminal;
      if (mermaid) return out.write(renderLineageMermaid(graph));
      out.lines(renderLineage(graph, direction, { paint: out.paint, width: out.width() }));
      const [run] = graph.runs;
      if (run !== undefined) {
        out.lines(["", `next: ${COMMAND} runs show ${run.runId.slice(0, 6)}`]);
      }
    }) as AnyCommand;
}
