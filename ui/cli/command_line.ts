import { CommanderError } from "@commander-js/extra-typings";
import { COMMAND } from "./closing_card.ts";
import { COMMANDS } from "./command_table.ts";
import type { AnyCommand } from "./new_command.ts";
import { renderOverview } from "./overview.ts";
import { type Shell, shellSettings } from "./shell.ts";
import { tellError } from "./tell_error.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { fromCommander, unknownCommand } from "./usage_error.ts";

/** Does what the arguments say. Never throws: what goes wrong is printed. Returns the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const terminal = openTerminal();
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    return tellError(error, args, terminal);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  if (first === undefined || first === "-h" || first === "--help") {
    return await printOverview(terminal);
  }
  if (first === "--version" || first === "-V") return await printVersion(terminal);
  const entry = COMMANDS.find(({ name }) => name === first);
  if (entry === undefined) {
    const known = COMMANDS.map(({ name }) => name);
    throw first.startsWith("-") ? unknownOption(first) : unknownCommand(first, known);
  }
  const shell: Shell = { args, terminal, settings: shellSettings(), exitCode: 0 };
  const { command } = await entry.load();
  await parse(command(shell), rest, terminal);
  return shell.exitCode;
}

function unknownOption(option: string): Error {
  return fromCommander(`error: unknown option '${option}'`, "");
}

/** Lets commander parse; a help page that was asked for is a result, a mistake is an error of ours. */
async function parse(
  command: AnyCommand,
  args: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const names = command.commands.map((each) => each.name());
  const [given] = args;
  const isGroup = names.length > 0;
  if (isGroup && given !== undefined && !given.startsWith("-") && !names.includes(given)) {
    throw unknownCommand(given, names, command.name());
  }
  for (const each of [command, ...command.commands]) {
    each.configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.out.write(text),
      outputError: () => {},
      getOutHelpWidth: () => terminal.out.width() ?? 100,
      getOutHasColors: () => false,
    });
  }
  const path = isGroup && names.includes(given ?? "")
    ? `${command.name()} ${given}`
    : command.name();
  command.name(`${COMMAND} ${command.name()}`);
  try {
    // A group named alone shows what it holds.
    await command.parseAsync(isGroup && given === undefined ? ["--help"] : args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    throw fromCommander(error.message, path);
  }
}

async function printOverview({ out }: Terminal): Promise<number> {
  const { VERSION } = await import("../../runtime/version.ts");
  out.lines(renderOverview(VERSION, out.paint));
  return 0;
}

async function printVersion({ out }: Terminal): Promise<number> {
  const { VERSION } = await import("../../runtime/version.ts");
  out.lines([VERSION]);
  return 0;
}
