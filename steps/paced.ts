import type { StepContext } from "../pipeline/mod.ts";
import { openPace } from "./pace.ts";

/** The same items, with a rest between them where it is due, so that a loop over them stays polite. */
export async function* paced<T>(
  context: StepContext,
  items: AsyncIterable<T>,
): AsyncIterable<T> {
  const pace = openPace(context);
  context.signal.throwIfAborted();
  for await (const item of items) {
    const rest = pace();
    if (rest !== undefined) await rest;
    yield item;
  }
}
