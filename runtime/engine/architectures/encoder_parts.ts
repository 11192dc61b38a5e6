import type { EncoderArchitecture } from "../../../pipeline/architecture.ts";
import type { Family } from "./encoder_family.ts";
import type { ModelBuilder } from "./model_builder.ts";

/** Shapes that follow the batch. */
export interface ShapeValues {
  /** `[length]` */
  readonly length: string;
  /** `[batch, length, heads, hidden / heads]` */
  readonly heads: string;
  /** `[batch, length, hidden]` */
  readonly hidden: string;
  /** `[batch * length, hidden]` */
  readonly rows: string;
}

/** What every part of the encoder is made from. */
export interface Parts {
  readonly shapes: ShapeValues;
  readonly architecture: EncoderArchitecture;
  readonly family: Family;
}

/** What a layer is made from. */
export interface LayerParts extends Parts {
  readonly prefix: string;
  readonly bias: string;
  /**
   * Behind the last layer only the first token counts: there, nothing is computed of the others, which saves almost all of the
   * layer's work.
   */
  readonly isLast: boolean;
}

/** Whole numbers that do not train. @returns Their name. */
export function whole(
  b: ModelBuilder,
  name: string,
  shape: readonly number[],
  numbers: readonly number[],
): string {
  return b.constant(name, { type: "int64", shape, data: BigInt64Array.from(numbers, BigInt) });
}
