import { Command, Help } from "@commander-js/extra-typings";
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { COMMAND } from "./closing_card.ts";

/** A command of any arguments and options. */
export type AnyCommand = CommandUnknownOpts;

/** A line to copy from a help page, and what it does. */
export type Example = readonly [line: string, does: string];

/** A command with the options all have, which throws instead of ending the process. */
export function newCommand(
  name: string,
  { summary, about, examples }: {
    /** A few words for the overview. */
    readonly summary: string;
    /** A sentence or two more for the help page. */
    readonly about?: string;
    readonly examples: readonly Example[];
  },
): Command<[], { json?: true; trace?: true }> {
  return new Command(name)
    .summary(summary)
    .description(
      about === undefined ? `${capitalize(summary)}.` : `${capitalize(summary)}.\n${about}`,
    )
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ visibleOptions: commonLast })
    .helpOption("-h, --help", "show this page")
    .option("--json", "print one JSON document on stdout, and nothing else there")
    .option("--trace", "show stack traces of errors")
    .addHelpText("after", () => renderExamples(examples));
}

/** A command that only holds others: `runs`, `models`, `cache`. */
export function newGroup(
  name: string,
  summary: string,
  commands: readonly AnyCommand[],
): AnyCommand {
  const group: AnyCommand = new Command(name)
    .summary(summary)
    .description(`${capitalize(summary)}.`)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .helpOption("-h, --help", "show this page")
    .helpCommand(false) as AnyCommand;
  for (const command of commands) group.addCommand(command);
  return group;
}

/** Collects an option that may be given several times, one value each. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...before ?? [], value];
}

/** What is special about a command comes before what all have. */
function commonLast(command: AnyCommand): Option[] {
  const all = new Help().visibleOptions(command);
  const isCommon = ({ long }: Option): boolean =>
    ["--json", "--trace", "--help"].includes(long ?? "");
  return [...all.filter((option) => !isCommon(option)), ...all.filter(isCommon)];
}

function renderExamples(examples: readonly Example[]): string {
  if (examples.length === 0) return "";
  const lines = examples.map(([line, does]) => [`${COMMAND} ${line}`.trimEnd(), does] as const);
  const width = Math.max(...lines.map(([line]) => line.length));
  return [
    "",
    "Examples:",
    ...lines.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`),
  ].join("\n");
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
