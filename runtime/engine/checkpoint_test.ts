import { deepEqual, throws } from "node:assert/strict";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { OnnxTensor } from "./onnx/onnx_model.ts";
import { writeSafetensors } from "./safetensors.ts";

const tensors = new Map<string, OnnxTensor>([
  ["weight/w", { type: "float32", shape: [2, 1], data: Float32Array.of(1, 2) } as const],
  ["slot:m/w", { type: "float32", shape: [2, 1], data: Float32Array.of(3, 4) } as const],
]);
const checkpoint: Checkpoint = { model: "aa", optimizer: "adam", iteration: 7, tensors };
const expected = {
  model: "aa",
  optimizer: "adam",
  tensors: new Map([...tensors].map(([name, { shape }]) => [name, shape as readonly number[]])),
};

Deno.test("readCheckpoint() gives back what writeCheckpoint() wrote", () => {
  const file = writeCheckpoint(checkpoint);

  deepEqual(readCheckpoint(file, expected), checkpoint);
  deepEqual(writeCheckpoint(checkpoint), file);
});

const others: Record<string, [Partial<Checkpoint>, RegExp]> = {
  "another model": [{ model: "bb" }, /of the model bb, not aa/],
  "another optimizer": [{ optimizer: "sgd" }, /of the optimizer sgd, not adam/],
  "no iteration": [{ iteration: NaN }, /its iteration is "NaN"/],
  "a negative iteration": [{ iteration: -1 }, /its iteration is "-1"/],
  "fewer weights": [{ tensors: new Map([...tensors].slice(0, 1)) }, /slot:m\/w is missing/],
  "more weights": [
    { tensors: new Map<string, OnnxTensor>([...tensors, ["weight/v", tensors.get("weight/w")!]]) },
    /weight\/v is not trained here/,
  ],
  "weights of another shape": [
    {
      tensors: new Map<string, OnnxTensor>([...tensors, [
        "weight/w",
        { type: "float32", shape: [1, 2], data: Float32Array.of(1, 2) },
      ]]),
    },
    /weight\/w is float32 \[1,2\], not float32 \[2,1\]/,
  ],
  "weights of another type": [
    {
      tensors: new Map<string, OnnxTensor>([...tensors, [
        "weight/w",
        { type: "int32", shape: [2, 1], data: Int32Array.of(1, 2) },
      ]]),
    },
    /weight\/w is int32 \[2,1\]/,
  ],
};

for (const [title, [change, message]] of Object.entries(others)) {
  Deno.test(`readCheckpoint() refuses ${title}`, () => {
    throws(() => readCheckpoint(writeCheckpoint({ ...checkpoint, ...change }), expected), {
      code: "engine/bad-checkpoint",
      message,
    });
  });
}

Deno.test("readCheckpoint() tells every problem at once, and refuses other files", () => {
  const file = writeCheckpoint({ ...checkpoint, model: "bb", optimizer: "sgd" });
  throws(() => readCheckpoint(file, expected), /2 problems[^]*model[^]*optimizer/);

  const weights = writeSafetensors(tensors, { format: "pt" });
  throws(() => readCheckpoint(weights, expected), {
    code: "engine/bad-checkpoint",
    message: /it says format "pt"/,
  });
  throws(() => readCheckpoint(writeCheckpoint(checkpoint).subarray(0, 90), expected), {
    code: "engine/bad-checkpoint",
    message: /^Cannot go on from the checkpoint: it is damaged: 90 bytes/,
  });
});
