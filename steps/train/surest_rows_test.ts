import { deepEqual, equal } from "node:assert/strict";
import type { Examples } from "./examples.ts";
import { surestRows } from "./surest_rows.ts";

/** A split whose only column is the model's answer already: `[logit of class 0, logit of class 1]`. */
function splitOf(rows: readonly (readonly [number, number])[], targets: readonly number[]) {
  const examples: Examples = {
    count: rows.length,
    inputs: {
      features: { type: "float32", shape: [rows.length, 2], data: new Float32Array(rows.flat()) },
    },
    targets: Int32Array.from(targets),
  };
  const batches: number[] = [];
  const session = {
    run: ({ features }: Examples["inputs"]) => {
      batches.push(features!.shape[0]!);
      return Promise.resolve({ logits: features! });
    },
  };
  return { examples, session, batches };
}

Deno.test("surestRows() takes what the model gets right and is surest of, the classes by turns", async () => {
  const { examples, session } = splitOf(
    [[1, 0], [9, 0], [5, 0], [0, 3], [0, 8], [0, 2]],
    [0, 1, 0, 1, 0, 1],
  );

  // Rows 1 and 4 are surest, and wrong.
  deepEqual(await surestRows(session, examples, 3), [2, 3, 5]);
  deepEqual(await surestRows(session, examples, 9), [2, 3, 5, 0, 1, 4]);
});

Deno.test("surestRows() takes the first of equals, and has rows of a model that is always wrong", async () => {
  const equals = splitOf([[3, 0], [3, 0], [3, 0]], [0, 0, 0]);
  const wrong = splitOf([[3, 0], [0, 3]], [1, 0]);

  deepEqual(await surestRows(equals.session, equals.examples, 2), [0, 1]);
  deepEqual(await surestRows(wrong.session, wrong.examples, 3), [0, 1]);
});

Deno.test("surestRows() asks the model once, however large the split is", async () => {
  const count = 5000;
  const { examples, session, batches } = splitOf(
    Array.from({ length: count }, (_, i) => [i, 0] as const),
    Array<number>(count).fill(0),
  );

  equal((await surestRows(session, examples, 3)).length, 3);
  deepEqual(batches, [1024]);
});
