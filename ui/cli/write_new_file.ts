import { dirname } from "node:path";
import { ExplainedError } from "../../pipeline/mod.ts";

/**
 * Writes a file that must not be there yet.
 *
 * @throws {ExplainedError} `cli/file-exists`, `cli/cannot-write`.
 */
export async function writeNewFile(
  path: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(path, bytes, { createNew: true });
  } catch (cause) {
    const isThere = cause instanceof Deno.errors.AlreadyExists;
    throw new ExplainedError(isThere ? "cli/file-exists" : "cli/cannot-write", {
      what: `Cannot write ${path}`,
      why: isThere ? "there is such a file already" : (cause as Error).message,
      fix: isThere
        ? "Choose another path, or remove that file"
        : "Choose a path that can be written",
      cause,
    });
  }
}
