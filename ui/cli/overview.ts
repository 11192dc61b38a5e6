import { COMMAND } from "./closing_card.ts";
import { COMMANDS } from "./command_table.ts";
import type { Paint } from "./paint.ts";

/** The page that is shown when no command is named. */
export function renderOverview(version: string, paint: Paint): string[] {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length));
  const groups = Map.groupBy(COMMANDS, ({ group }) => group);
  return [
    `${paint.bold(`Hanok ${version}`)}  machine learning pipelines: declared, cached, traced`,
    "",
    `usage: ${COMMAND} <command> [options]`,
    ...groups.entries().flatMap(([group, entries]) => [
      "",
      paint.bold(group),
      ...entries.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    ]),
    "",
    paint.bold("Start here"),
    `  ${COMMAND} run            ${
      paint.dim("train, judge and register the pipeline of this folder")
    }`,
    `  ${COMMAND} run --help     ${paint.dim("options and examples of one command")}`,
    `  deno task serve                  ${paint.dim("look at runs and models in a browser")}`,
  ];
}
