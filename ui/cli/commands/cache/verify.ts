import { COMMAND } from "../../closing_card.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { plural } from "../../quantity.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";

/** `cache verify`: reads all bytes again. */
export function verifyCommand(shell: Shell): AnyCommand {
  return newCommand("verify", {
    summary: "read all bytes again and name the damaged ones",
    about:
      "Exit code 1 when something is damaged. A damaged result is made again by `run --verify`.",
    examples: [["cache verify", ""]],
  }).action(async ({ json }) => {
    const { verifyCache } = await import("../../../../runtime/store/mod.ts");
    await using store = await openShellStore(shell);
    const { checked, damaged } = await verifyCache(store);
    if (damaged.length > 0) shell.exitCode = 1;
    if (json) {
      return printJson(shell, {
        checked,
        damaged: damaged.map(({ neededBy, ...blob }) => ({ ...blob, needed_by: neededBy })),
      });
    }
    const { out } = shell.terminal;
    out.lines(damaged.flatMap(({ condition, path, neededBy }) => [
      `${out.paint.red("✗")} ${condition}  ${path}`,
      `    needed by ${neededBy.length === 0 ? "nothing" : neededBy.join(", ")}`,
    ]));
    out.lines([
      damaged.length === 0
        ? `${out.paint.green("✓")} ${plural(checked, "file")} checked, all sound`
        : `${plural(checked, "file")} checked, ${damaged.length} damaged`,
    ]);
    if (damaged.length > 0) out.lines([`next: ${COMMAND} run --verify`]);
  }) as AnyCommand;
}
