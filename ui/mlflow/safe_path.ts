import { invalid } from "../../runtime/search/mod.ts";
import { unquoteFully } from "./artifact_location.ts";

/**
 * A relative path that stays where it is, also for a server that decodes it once more.
 *
 * @returns The path without slashes at its end and doubled ones.
 * @throws {MlflowError} "Invalid path" for any other.
 */
export function safePath(path: string): string {
  for (const text of [path, unquoteFully(path)]) {
    const parts = text.split(/[/\\]/);
    const leadsAway = parts.includes("..") || /^[/\\]/.test(text) ||
      /^[a-z][a-z0-9+.-]*:/i.test(text);
    if (leadsAway || text.includes("\0")) throw invalid("Invalid path");
  }
  return path.split("/").filter((part) => part !== "" && part !== ".").join("/");
}
