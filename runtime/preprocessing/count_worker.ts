/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
import { openTextCounts, type TextCounts, type TextCountsOptions } from "./text_counts.ts";

let counts: TextCounts | undefined;

/** The first message says what is counted; each that follows is a list of texts, and is answered with `null`, and the last is `null`. */
self.onmessage = async ({ data }: MessageEvent<TextCountsOptions | readonly string[] | null>) => {
  if (data === null) return self.postMessage(await counts!.finish());
  if ("families" in data) {
    counts = openTextCounts(data);
    return;
  }
  for (const text of data) counts!.learn(text);
  self.postMessage(null);
};
