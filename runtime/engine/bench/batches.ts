import type { Batch } from "../../../pipeline/engine_port.ts";
import type { BenchCase } from "./cases.ts";

/** Numbers that the peer makes the same way: `(7919 * i + 13 * iteration) mod 1009`. */
function counted(length: number, iteration: number): number[] {
  return Array.from({ length }, (_, i) => (7919 * i + 13 * iteration) % 1009);
}

/** The batch of an iteration. */
export function batchAt(bench: BenchCase, iteration: number): Batch {
  const { batch, length, features, classes, architecture } = bench;
  const targets = {
    type: "int32",
    shape: [batch],
    data: Int32Array.from(counted(batch, iteration), (item) => item % classes),
  } as const;
  if (architecture.kind === "mlp") {
    const data = Float32Array.from(
      counted(batch * features, iteration),
      (item) => item / 504.5 - 1,
    );
    return { inputs: { features: { type: "float32", shape: [batch, features], data } }, targets };
  }
  const shape = [batch, length];
  const ids = counted(batch * length, iteration).map(BigInt);
  const mask = new BigInt64Array(batch * length).fill(1n);
  return {
    inputs: {
      input_ids: { type: "int64", shape, data: BigInt64Array.from(ids) },
      attention_mask: { type: "int64", shape, data: mask },
    },
    targets,
  };
}
