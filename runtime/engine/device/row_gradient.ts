/** The gradient of a table of which a batch looks up a few rows: zeros but for those. */
export interface RowGradient {
  /** The whole gradient, `[rows, width]`. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly width: number;
  /** Rows that are not all zeros, in the order in which they were first looked up. */
  rows(): readonly number[];
  /** Adds up the gradients of look-ups; what was there before is gone. */
  set(ids: BigInt64Array, gradients: Float32Array): void;
  /** this = share * other, plus this unless it is the first. */
  accumulate(other: RowGradient, share: number, first: boolean): void;
}

/** Zeros. */
export function openRowGradient(length: number, width: number): RowGradient {
  const data = new Float32Array(length);
  const touched = new Set<number>();
  const rowOf = (array: Float32Array, row: number): Float32Array =>
    array.subarray(row * width, (row + 1) * width);
  const clear = (): void => {
    for (const row of touched) rowOf(data, row).fill(0);
    touched.clear();
  };
  const add = (row: number, numbers: Float32Array, share: number): void => {
    touched.add(row);
    const start = row * width;
    for (let i = 0; i < width; i++) data[start + i]! += share * numbers[i]!;
  };
  return {
    data,
    width,
    rows: () => [...touched].filter((row) => rowOf(data, row).some((number) => number !== 0)),
    set(ids, gradients) {
      clear();
      ids.forEach((id, i) => {
        const row = Number(id) < 0 ? Number(id) + length / width : Number(id);
        add(row, rowOf(gradients, i), 1);
      });
    },
    accumulate(other, share, first) {
      if (first) clear();
      for (const row of other.rows()) add(row, rowOf(other.data, row), share);
    },
  };
}
