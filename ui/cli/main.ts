/**
 * The command line: `deno task pipeline <command>`.
 *
 * Nothing heavy is imported here: a run in which nothing changed ends on the short way, and every
 * other command imports what it uses when it is called.
 *
 * @module
 */

import { warmUpStore } from "../../runtime/store/warm_up.ts";

/** Does what the arguments say and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "run") {
    warmUpStore();
    const { tryUnchanged } = await import("./try_unchanged.ts");
    const code = await tryUnchanged(args);
    if (code !== undefined) return code;
  }
  const { runCommandLine } = await import("./command_line.ts");
  return await runCommandLine(args);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
