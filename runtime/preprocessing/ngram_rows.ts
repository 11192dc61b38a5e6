import type { FittedNgrams, Preprocessor, Tensor } from "../../pipeline/mod.ts";
import { listBadRows } from "./bad_rows.ts";
import { decodeHashes } from "./hash_list.ts";
import { A_TEXT } from "./ngram_feature.ts";
import { openNgramFilter } from "./ngram_filter.ts";
import { openNgramHasher } from "./ngram_hashes.ts";
import { openNgramTable } from "./ngram_table.ts";
import { encodePlaces } from "./place_rows.ts";

/** Rows are as long as the longest text needs, rounded up to this: batches of one length can be joined. */
const LENGTH_STEP = 32;

/** Writes the n-grams that texts hold: `ids` and `values`, int32 and float32 `[rows, length]`; the rest of a row is 0. */
export function encodeNgramRows(fitted: FittedNgrams): Preprocessor["encode"] {
  const { column } = fitted;
  const hashes = decodeHashes(fitted.hashes, fitted.count)!;
  const hasher = openNgramHasher(fitted, openNgramFilter(hashes));
  const table = openNgramTable(hashes);
  const placesOf = fitted.places === undefined ? undefined : encodePlaces(fitted.places);
  let ids = new Int32Array(1 << 16);
  let counts = new Int32Array(1 << 16);
  return (rows, { firstRow = 0 } = {}) => {
    const ends = new Int32Array(rows.length);
    const bad = listBadRows();
    let end = 0;
    let longest = 1;
    rows.forEach((row, i) => {
      const text = row[column];
      const start = end;
      if (typeof text === "string") {
        const grams = hasher.read(text);
        if (end + grams > ids.length) {
          ids = enlarged(ids, end + grams);
          counts = enlarged(counts, end + grams);
        }
        end = table.find(hasher.hashes, grams, { ids, counts, start });
      } else bad.add(row, { row: firstRow + i, column, expected: A_TEXT });
      ends[i] = end;
      longest = Math.max(longest, end - start);
    });
    bad.refuse(`Cannot encode ${rows.length === 1 ? "the row" : `${rows.length} rows`}`);
    const padded = paddedRows(ids, counts, ends, Math.ceil(longest / LENGTH_STEP) * LENGTH_STEP);
    if (placesOf === undefined) return padded;
    return { ...padded, places: placesOf(rows.map((row) => String(row[column]))) };
  };
}

function enlarged(old: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(length, 2 * old.length));
  larger.set(old);
  return larger;
}

function paddedRows(
  ids: Int32Array,
  counts: Int32Array,
  ends: Int32Array,
  length: number,
): Record<string, Tensor> {
  const shape = [ends.length, length];
  const paddedIds = new Int32Array(ends.length * length);
  const values = new Float32Array(ends.length * length);
  let from = 0;
  for (let row = 0; row < ends.length; row++) {
    const start = row * length - from;
    for (; from < ends[row]!; from++) {
      paddedIds[start + from] = ids[from]!;
      values[start + from] = counts[from] === 1 ? 1 : 1 + Math.log(counts[from]!);
    }
  }
  return {
    ids: { type: "int32", shape, data: paddedIds },
    values: { type: "float32", shape, data: values },
  };
}
