import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const tensors = new Map(
  [
    ["a", { type: "float32", shape: [2, 1], data: Float32Array.of(1, -2) }],
    ["bool", { type: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) }],
    ["__proto__", { type: "float16", shape: [], data: Float16Array.of(0.5) }],
    ["empty", { type: "int64", shape: [0], data: new BigInt64Array() }],
  ] as const,
);

/** A file with this header; `data` zeros behind it. */
function fileWith(header: string, data = 0): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + data);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

Deno.test("readSafetensors() gives back what writeSafetensors() wrote", () => {
  const file = readSafetensors(writeSafetensors(tensors, { format: "pt" }));

  deepEqual(file.tensors, new Map(tensors));
  deepEqual(file.metadata, { format: "pt" });
});

Deno.test("readSafetensors() widens bfloat16", () => {
  const file = fileWith('{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}', 4);
  file.set([0x80, 0x3f, 0x20, 0xc0], file.length - 4); // 1.0 and -2.5

  deepEqual(readSafetensors(file).tensors.get("w")!.data, Float32Array.of(1, -2.5));
});

const entry = (shape: string, offsets: string) =>
  `{"w":{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}}`;
const refused: Record<string, [Uint8Array, RegExp]> = {
  "an empty file": [new Uint8Array(), /0 bytes/],
  "a header longer than the file": [fileWith("{}").fill(255, 0, 8), /header is said to be/],
  "no JSON": [fileWith("{"), /JSON/],
  "data past the end": [fileWith(entry("[1]", "[0,4]"), 3), /"w" is at 0 to 4 of 3/],
  "data that do not fill the shape": [
    fileWith(entry("[2]", "[0,4]"), 4),
    /shape \[2\] has 4 bytes/,
  ],
  "a negative shape": [fileWith(entry("[-1]", "[0,4]"), 4), /entry of "w"/],
  "tensors that share bytes": [
    fileWith(
      entry("[1]", "[0,4]").replace(
        "}}",
        '},"v":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}',
      ),
      4,
    ),
    /"v" is at 0, and not at 4/,
  ],
  "bytes of no tensor": [fileWith(entry("[1]", "[0,4]"), 9), /5 bytes belong to no tensor/],
  "offsets backwards": [fileWith(entry("[1]", "[4,0]"), 4), /4 to 0/],
};

for (const [title, [bytes, text]] of Object.entries(refused)) {
  Deno.test(`readSafetensors() refuses ${title}`, () => {
    throws(() => readSafetensors(bytes), (error) => {
      ok(error instanceof ExplainedError);
      equal(error.code, "engine/bad-safetensors");
      ok(text.test(error.message), error.message);
      return true;
    });
  });
}

Deno.test("readSafetensors() either reads a damaged file or says that it cannot", () => {
  const whole = writeSafetensors(tensors, { format: "pt" });
  const flips = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), {
    maxLength: 6,
  });

  fc.assert(
    fc.property(fc.nat({ max: whole.length }), flips, (end, changes) => {
      const bytes = whole.slice();
      for (const [at, value] of changes) bytes[at] = value;
      try {
        const { tensors: found } = readSafetensors(bytes.subarray(0, end));
        const held = found.values().reduce((sum, { data }) => sum + data.byteLength, 0);
        ok(held <= 2 * whole.length, `${held} bytes from ${whole.length}`); // bfloat16 is widened
      } catch (error) {
        ok(error instanceof ExplainedError, `threw ${error}`);
      }
    }),
    { seed: 5, numRuns: 3000 },
  );
});
