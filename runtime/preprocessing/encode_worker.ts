/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
import {
  type Cell,
  type FittedPreprocessing,
  isTextFeature,
  type Preprocessor,
} from "../../pipeline/mod.ts";
import { openTable } from "./open_table.ts";

let preprocessor: Preprocessor | undefined;
let column = "";

/**
 * The first message is a fitted preprocessing; each that follows is the texts of a list of rows, and is answered with their tensors, or with
 * `null` when one of them is no text: whoever asked then finds out which.
 */
self.onmessage = ({ data }: MessageEvent<FittedPreprocessing | readonly Cell[]>) => {
  if ("features" in data) {
    preprocessor = openTable(data);
    column = data.features.find(isTextFeature)!.column;
    return;
  }
  try {
    const tensors = preprocessor!.encode(data.map((text) => ({ [column]: text })));
    const buffers = new Set(Object.values(tensors).map((tensor) => tensor.data.buffer));
    self.postMessage(tensors, [...buffers] as ArrayBuffer[]);
  } catch {
    self.postMessage(null);
  }
};
