import { join } from "node:path";
import type { ServingEvent } from "../../runtime/serving/mod.ts";

/** What the server has to tell beside its answers. */
export type ServerEvent =
  | ServingEvent
  | { readonly type: "server-started"; readonly url: string }
  | { readonly type: "server-stopped" }
  | {
    readonly type: "request-failed";
    /** The id that the caller was told. */
    readonly id: string;
    readonly method: string;
    readonly path: string;
    readonly problem: string;
    readonly stack: string | null;
  };

/** Keeps events as JSON lines, and tells them to whoever listens. */
export interface ServerLog extends Disposable {
  write(event: ServerEvent): void;
}

/** Name of the log's file in the store. */
const LOG_FILE = "server.jsonl";

/**
 * Opens the log: lines are added to `server.jsonl` in the store.
 *
 * @param listener Told every event. Must not throw.
 */
export async function openServerLog(
  folder: string,
  listener: ((event: ServerEvent) => void) | undefined,
): Promise<ServerLog> {
  const file = await Deno.open(join(folder, LOG_FILE), { append: true, create: true });
  const encoder = new TextEncoder();
  return {
    write(event) {
      const line = `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`;
      try {
        file.writeSync(encoder.encode(line));
      } catch {
        // A full disk must not stop predictions; the listener still hears of it.
      }
      listener?.(event);
    },
    [Symbol.dispose]: () => file.close(),
  };
}
