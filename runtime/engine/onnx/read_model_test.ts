import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { ExternalData } from "../../../pipeline/engine_port.ts";
import { ExplainedError } from "../../../pipeline/explained_error.ts";
import { buildModel } from "../architectures/mod.ts";
import { modelType } from "./onnx_schema.ts";
import type { OnnxModel } from "./onnx_model.ts";
import { readModel } from "./read_model.ts";
import { writeModel } from "./write_model.ts";

const mlp = buildModel({ kind: "mlp", hidden: [3], activation: "tanh" }, {
  features: 4,
  classes: 2,
  seed: 1,
});

/** A file with one initializer, as an exporter may store it. */
function fileWith(tensor: Record<string, unknown>): Uint8Array {
  return modelType.encode({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 13 }],
    graph: { name: "g", initializer: [{ name: "w", ...tensor }] },
  }).finish();
}

function stored(
  tensor: Record<string, unknown>,
  external: ExternalData = {},
): unknown[] {
  return [...readModel(fileWith(tensor), external).graph.initializers.get("w")!.data];
}

Deno.test("readModel() gives back what writeModel() wrote", () => {
  const everything: OnnxModel = {
    ...mlp,
    metadata: { author: "나" },
    graph: {
      ...mlp.graph,
      nodes: [...mlp.graph.nodes, {
        name: "all attributes",
        op: "Custom",
        domain: "com.example",
        inputs: ["logits", ""],
        outputs: ["", "y"],
        attributes: {
          int: { kind: "int", value: -3 },
          float: { kind: "float", value: 0.5 },
          string: { kind: "string", value: "값" },
          ints: { kind: "ints", value: [1, -2, Number.MAX_SAFE_INTEGER] },
          floats: { kind: "floats", value: [0.25, -1] },
          strings: { kind: "strings", value: ["a", ""] },
          tensor: {
            kind: "tensor",
            value: { type: "bool", shape: [2], data: Uint8Array.of(1, 0) },
          },
          graph: { kind: "graph", value: mlp.graph },
        },
      }],
      initializers: new Map([
        ...mlp.graph.initializers,
        ["wide", {
          type: "int64",
          shape: [2],
          data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
        }],
        ["half", { type: "float16", shape: [2], data: Float16Array.of(0.5, -65504) }],
        ["empty", { type: "float32", shape: [0, 3], data: new Float32Array() }],
      ]),
    },
  };

  const bytes = writeModel(everything);

  deepEqual(readModel(bytes), everything);
  deepEqual(writeModel(readModel(bytes)), bytes);
});

Deno.test("readModel() reads elements that are typed instead of raw", () => {
  deepEqual(stored({ dims: [2], dataType: 1, floatData: [0.5, -2] }), [0.5, -2]);
  deepEqual(stored({ dims: [1], dataType: 11, doubleData: [0.1] }), [0.1]);
  deepEqual(stored({ dims: [2], dataType: 7, int64Data: [-1, 5] }), [-1n, 5n]);
  deepEqual(stored({ dims: [2], dataType: 6, int32Data: [-1, 5] }), [-1, 5]);
  deepEqual(stored({ dims: [2], dataType: 9, int32Data: [1, 0] }), [1, 0]);
  deepEqual(stored({ dims: [2], dataType: 10, int32Data: [0x3800, 0xc000] }), [0.5, -2]);
});

Deno.test("readModel() reads tensors that are in files beside it", () => {
  const file = new Uint8Array(Float32Array.of(9, 0.5, -2).buffer);
  const externalData = [
    { key: "location", value: "weights.bin" },
    { key: "offset", value: "4" },
    { key: "length", value: "8" },
  ];
  const tensor = { dims: [2], dataType: 1, dataLocation: 1, externalData };

  deepEqual(stored(tensor, { "weights.bin": file }), [0.5, -2]);
  throws(() => stored(tensor), /"w" is in the file "weights\.bin", which was not given/);
  throws(
    () => stored(tensor, { "weights.bin": file.subarray(0, 8) }),
    /4 to 12 of "weights\.bin", which has 8 bytes/,
  );
});

Deno.test("readModel() refuses many tensors that are all of one file", () => {
  const externalData = [{ key: "location", value: "weights.bin" }];
  const model = (count: number) =>
    modelType.encode({
      graph: {
        initializer: Array.from({ length: count }, (_, i) => (
          { name: `w${i}`, dims: [4], dataType: 1, dataLocation: 1, externalData }
        )),
      },
    }).finish();
  const external = { "weights.bin": new Uint8Array(16) };

  equal(readModel(model(4), external).graph.initializers.size, 4);
  throws(() => readModel(model(5), external), /its tensors are 80 of the 16 bytes beside it/);
});

Deno.test("readModel() reads tensors beyond the second gibibyte of a file beside it", () => {
  const offset = 2 ** 31 + 8;
  const file = new Uint8Array(offset + 8); // takes no memory where nothing was written
  file.set(new Uint8Array(Float32Array.of(0.5, -2).buffer), offset);
  const externalData = [
    { key: "location", value: "weights.bin" },
    { key: "offset", value: String(offset) },
  ];

  deepEqual(
    stored({ dims: [2], dataType: 1, dataLocation: 1, externalData }, { "weights.bin": file }),
    [0.5, -2],
  );
});

Deno.test("writeModel() refuses a model that no file can hold", () => {
  const data = new Float32Array(2 ** 29); // 2 GiB
  const initializers = new Map([["w", { type: "float32", shape: [data.length], data } as const]]);
  const model = { ...mlp, graph: { ...mlp.graph, initializers } };

  throws(
    () => writeModel(model),
    { code: "engine/model-too-large", message: /2147\d{6} bytes, and a file can have 2147483647/ },
  );
});

Deno.test("readModel() reads a Node Buffer that begins anywhere", () => {
  const bytes = writeModel(mlp);
  for (let shift = 0; shift < 8; shift++) {
    const buffer = Buffer.concat([new Uint8Array(shift), bytes]).subarray(shift);

    deepEqual(readModel(buffer), mlp);
  }
});

const refused: Record<string, [Uint8Array, RegExp]> = {
  "an empty file": [new Uint8Array(), /no graph/],
  "a text": [new TextEncoder().encode("not a model at all"), /bytes/],
  "a tensor that is shorter than its shape": [
    fileWith({ dims: [3], dataType: 1, floatData: [1] }),
    /"w" of shape \[3\] has 1 elements/,
  ],
  "functions of its own": [
    modelType.encode({ graph: { name: "g" }, functions: [new Uint8Array(2)] }).finish(),
    /defines functions of its own/,
  ],
  "sparse weights": [
    modelType.encode({ graph: { name: "g", sparseInitializer: [new Uint8Array(2)] } }).finish(),
    /sparse initializers/,
  ],
  "a tensor of strings": [fileWith({ dims: [1], dataType: 8 }), /element type 8/],
  "a negative axis": [fileWith({ dims: [-1, -1], dataType: 1, floatData: [1] }), /\[-1,-1\]/],
};

for (const [title, [bytes, text]] of Object.entries(refused)) {
  Deno.test(`readModel() refuses ${title}`, () => {
    throws(() => readModel(bytes), (error) => {
      ok(error instanceof ExplainedError);
      equal(error.code, "engine/onnx-unreadable");
      ok(text.test(error.message), error.message);
      return true;
    });
  });
}

Deno.test("readModel() either reads a damaged file or says that it cannot", () => {
  const whole = writeModel(mlp);
  const damage = fc.record({
    end: fc.nat({ max: whole.length }),
    flips: fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), {
      maxLength: 6,
    }),
  });

  fc.assert(
    fc.property(damage, ({ end, flips }) => {
      const bytes = whole.slice();
      for (const [at, value] of flips) bytes[at] = value;
      try {
        readModel(bytes.subarray(0, end));
      } catch (error) {
        ok(error instanceof ExplainedError, `threw ${error}`);
      }
    }),
    { seed: 5, numRuns: 3000 },
  );
});

Deno.test("readModel() needs no copy of the weights that writeModel() wrote", () => {
  for (let length = 1; length < 20; length++) {
    const data = Float32Array.from({ length }, (_, i) => i);
    const initializers = new Map(
      ["w".repeat(length), "b"].map((name) => [
        name,
        { type: "float32" as const, shape: [length], data },
      ]),
    );
    const file = writeModel({ ...mlp, graph: { ...mlp.graph, initializers } });
    const found = readModel(file).graph.initializers;

    deepEqual(found, initializers);
    ok(found.values().every((tensor) => tensor.data.buffer === file.buffer));
  }
});
