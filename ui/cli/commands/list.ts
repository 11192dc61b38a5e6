import { projectRoot } from "../../../runtime/settings.ts";
import { COMMAND } from "../closing_card.ts";
import { type AnyCommand, newCommand } from "../new_command.ts";
import { printJson, type Shell } from "../shell.ts";
import { renderTable } from "../table.ts";

/** `list`: what this project can run. */
export function command(shell: Shell): AnyCommand {
  return newCommand("list", {
    summary: "the pipelines of this project, and their configs",
    about: "Those in configs/, and the pipeline.ts beside deno.json; nothing of them is imported.",
    examples: [["list", ""], ["list --json", "with the paths of all files"]],
  })
    .action(async ({ json }) => {
      const { describePipelines } = await import(
        "../../../runtime/pipelines/describe_pipelines.ts"
      );
      const pipelines = await describePipelines(projectRoot(shell.settings.cwd));
      if (json) {
        return printJson(shell, {
          pipelines: pipelines.map(({ name, path, configs }) => ({
            name,
            path,
            configs: configs.map(({ name, path, isDefault }) => ({
              name,
              path,
              default: isDefault,
            })),
          })),
        });
      }
      const { out } = shell.terminal;
      if (pipelines.length === 0) {
        return out.lines(["No pipeline here.", `start one: ${COMMAND} init`]);
      }
      const rows = pipelines.map(({ name, shownPath, configs }) => [
        name,
        configs.map(({ name, isDefault }) => isDefault && configs.length > 1 ? `${name}*` : name)
          .join(" "),
        shownPath,
      ]);
      out.lines(renderTable(
        [{ title: "pipeline" }, { title: "configs" }, { title: "module", flexible: true }],
        rows,
        { paint: out.paint, width: out.width() },
      ));
      const isMarked = pipelines.some(({ configs }) => configs.length > 1);
      out.lines([
        ...(isMarked ? [out.paint.dim("* is taken when no --config names another one")] : []),
        `run one: ${COMMAND} run ${pipelines[0]!.name}`,
      ]);
    }) as AnyCommand;
}
