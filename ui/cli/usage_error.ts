import { didYouMean, ExplainedError } from "../../pipeline/mod.ts";
import { COMMAND } from "./closing_card.ts";

/** The command line cannot be understood: exit code 2. */
export function usageError(why: string, fix: string): ExplainedError<"cli/usage"> {
  return new ExplainedError("cli/usage", {
    what: "Cannot understand the command line",
    why,
    fix,
  });
}

/** A command that does not exist. */
export function unknownCommand(
  name: string,
  known: readonly string[],
  within = "",
): ExplainedError {
  const place = within === "" ? COMMAND : `${COMMAND} ${within}`;
  return usageError(
    `there is no command "${name}"${didYouMean(name, known)}`,
    `See the commands with \`${place} --help\``,
  );
}

/** What commander complains about, in our words. Its messages begin with "error: ". */
export function fromCommander(message: string, command: string): ExplainedError {
  const [first = "", ...rest] = message.replace(/^error: /, "").split("\n");
  const hint = rest.join(" ").trim().replace(/^\(Did you mean (.*)\?\)$/, ' (did you mean "$1"?)');
  const why = first.replace(/^unknown option '(.*)'$/, 'there is no option "$1"')
    .replace(/^missing required argument '(.*)'$/, `\`${command}\` needs <$1>`)
    .replace(
      /^too many arguments.*?Expected (\d+) arguments?.*$/,
      "there are too many words: $1 expected",
    )
    .replaceAll("'", '"');
  const page = [COMMAND, command, "--help"].filter((word) => word !== "").join(" ");
  return usageError(`${why}${hint}`, `See the options with \`${page}\``);
}
