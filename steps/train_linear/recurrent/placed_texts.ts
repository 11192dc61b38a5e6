/** Texts as the n-grams that begin at each of their characters. */
export interface PlacedTexts {
  readonly count: number;
  /** Characters before each text, and of all at the end. */
  readonly starts: Int32Array;
  /** Three ids for each character. */
  readonly ids: Int32Array;
}

/** N-grams that begin at a character. */
export const PLACED = 3;

/** Gathers texts that come in batches with their ends filled up. */
export interface PlacedTextsBuilder {
  /** @param ids `[rows, characters, 3]`, 0 behind the end of a text. */
  add(ids: Int32Array, shape: readonly number[]): void;
  finish(): PlacedTexts;
}

/** @param count Texts that will come. */
export function gatherPlacedTexts(count: number): PlacedTextsBuilder {
  const starts = new Int32Array(count + 1);
  let ids = new Int32Array(1 << 20);
  let text = 0;
  let end = 0;
  return {
    add(given, [rows, characters]) {
      if (end + given.length > ids.length) {
        const larger = new Int32Array(end + given.length + (ids.length >> 1));
        larger.set(ids.subarray(0, end));
        ids = larger;
      }
      const width = PLACED * characters!;
      for (let row = 0; row < rows!; row++) {
        let length = width;
        while (length > 0 && given[row * width + length - PLACED] === 0) length -= PLACED;
        ids.set(given.subarray(row * width, row * width + length), end);
        end += length;
        starts[++text] = end / PLACED;
      }
    },
    finish: () => ({ count: text, starts, ids: ids.subarray(0, end) }),
  };
}
