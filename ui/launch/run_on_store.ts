import { fileURLToPath } from "node:url";
import { projectRoot, type Settings } from "../../runtime/settings.ts";
import { commandFlags, packageFolders } from "./server_permissions.ts";

const MAIN = fileURLToPath(new URL("../cli/main.ts", import.meta.url));

/**
 * Does a command that opens the store in a process that may, when this one may not: `deno task serve token …` comes with
 * the few permissions of a launcher.
 *
 * @returns The exit code; `undefined` when this process can do it itself.
 */
export async function runOnStore(
  args: readonly string[],
  settings: Settings,
): Promise<number | undefined> {
  const { storeFolder, storeUrl, cwd } = settings;
  const { state } = await Deno.permissions.query({ name: "write", path: storeFolder });
  if (state === "granted") return undefined;
  const packages = await packageFolders(projectRoot(cwd));
  const flags = commandFlags({ options: { storeUrl }, settings, storeFolder, packages });
  const { code } = await new Deno.Command("deno", {
    args: ["run", "-q", "--no-prompt", "-P=server", ...flags, MAIN, ...args],
  }).spawn().status;
  return code;
}
