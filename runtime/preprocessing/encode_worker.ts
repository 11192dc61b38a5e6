/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
import type { FittedPreprocessing, Preprocessor, Row } from "../../pipeline/mod.ts";
import { openTable } from "./open_table.ts";

let preprocessor: Preprocessor | undefined;

/**
 * The first message is a fitted preprocessing; each that follows is a list of rows, and is answered with its tensors, or with `null` when it
 * has a row that cannot be encoded: whoever asked then finds out which.
 */
self.onmessage = ({ data }: MessageEvent<FittedPreprocessing | readonly Row[]>) => {
  if ("features" in data) {
    preprocessor = openTable(data);
    return;
  }
  try {
    const tensors = preprocessor!.encode(data);
    const buffers = new Set(Object.values(tensors).map((tensor) => tensor.data.buffer));
    self.postMessage(tensors, [...buffers] as ArrayBuffer[]);
  } catch {
    self.postMessage(null);
  }
};
