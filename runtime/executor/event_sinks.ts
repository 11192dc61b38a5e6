import { join } from "node:path";
import { explainStoreError } from "../store/database_error.ts";
import { logMetrics, recordLogs, type Store } from "../store/mod.ts";
import type { RunEvent } from "./run_event.ts";

/** What an event holds beside its time, which the sinks put in. */
export type EventFacts = RunEvent extends infer E ? E extends RunEvent ? Omit<E, "at"> : never
  : never;

/** Where the events of a run go: database, `runs/<run>/events.jsonl`, and a listener. */
export interface EventSinks extends Disposable {
  emit(event: EventFacts): void;
  /** Writes what is waiting to the database. */
  flush(): Promise<void>;
}

/** Points and lines wait this long for company before they are written. */
const FLUSH_MS = 500;

/** Opens the sinks of a run. */
export async function openEventSinks(
  store: Store,
  run: string,
  listener: ((event: RunEvent) => void) | undefined,
): Promise<EventSinks> {
  const folder = join(store.folder, run);
  await Deno.mkdir(folder, { recursive: true });
  const file = await Deno.open(join(folder, "events.jsonl"), { append: true, create: true });
  const encoder = new TextEncoder();
  let points: Parameters<typeof logMetrics>[2][number][] = [];
  let lines: Parameters<typeof recordLogs>[2][number][] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failed: { readonly error: unknown } | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (failed !== undefined) throw failed.error;
    const [newPoints, newLines] = [points, lines];
    points = [];
    lines = [];
    if (newPoints.length > 0) await logMetrics(store, run, newPoints);
    if (newLines.length > 0) await recordLogs(store, run, newLines);
  };

  const emit = (facts: EventFacts): void => {
    const event = { ...facts, at: new Date().toISOString() } as RunEvent;
    // A synchronous append keeps the order and survives a killed process.
    try {
      file.writeSync(encoder.encode(`${JSON.stringify(event)}\n`));
    } catch (error) {
      throw explainStoreError(error, "Cannot record what happens", folder);
    }
    listener?.(event);
    const at = Date.parse(event.at);
    if (event.type === "metric") {
      const { name, value, iteration } = event;
      points.push({ key: name, value: Number(value), timestamp: at, step: iteration });
    } else if (event.type === "log") {
      const { node, level, message } = event;
      lines.push({ node, level, message, at });
    } else return;
    timer ??= setTimeout(() => {
      // A failure waits for the next awaited flush, which every end of a step makes.
      flush().catch((error) => failed ??= { error });
    }, FLUSH_MS);
  };

  return {
    emit,
    flush,
    // What is waiting was flushed by whoever ended the run; after an error it is in the file.
    [Symbol.dispose]() {
      clearTimeout(timer);
      file.close();
    },
  };
}
