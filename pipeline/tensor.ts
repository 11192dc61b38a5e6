/** Element types that engines exchange. */
export interface TensorData {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
}

/** Name of an element type. */
export type TensorType = keyof TensorData;

/** Numbers with a shape, row-major. The product of `shape` is the length of `data`. */
export type Tensor = {
  readonly [T in TensorType]: {
    readonly type: T;
    readonly shape: readonly number[];
    readonly data: TensorData[T];
  };
}[TensorType];

/** A named tensor's type and shape; `null` is a free axis (the batch). */
export interface TensorSpec {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly (number | null)[];
}
