import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { ExplainedError } from "../../pipeline/explained_error.ts";
import { readPretrainedWeights } from "./pretrained_weights.ts";
import { readPytorchFile } from "./pytorch_file.ts";

const folder = new URL("./testdata/encoders/", import.meta.url);
const whole = await Deno.readFile(new URL("tensors.bin", folder));
const legacy = await Deno.readFile(new URL("legacy.bin", folder));
const views = await Deno.readFile(new URL("views.bin", folder));
const hostile = await Deno.readFile(new URL("hostile.bin", folder));

Deno.test("readPytorchFile() reads tensors of every kind, and only tensors", () => {
  const found = readPytorchFile(whole);

  deepEqual([...found.keys()], ["transposed", "row", "half", "brain", "ids", "empty", "parameter"]);
  deepEqual(found.get("transposed"), {
    type: "float32",
    shape: [4, 3],
    data: Float32Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11),
  });
  deepEqual(found.get("row")!.data, Float32Array.of(4, 5, 6, 7));
  deepEqual(found.get("half")!.data, Float16Array.of(0.5, -2));
  deepEqual(found.get("brain")!.data, Float32Array.of(1, -2.5));
  deepEqual(found.get("ids")!.data, BigInt64Array.of(1n, -1n));
  deepEqual(found.get("empty")!.shape, [0, 2]);
  deepEqual(found.get("parameter")!.data, Float32Array.of(1, 1));
});

Deno.test("readPytorchFile() reads what PyTorch wrote before 1.6", () => {
  const found = readPytorchFile(legacy);

  const whole = { type: "float32", shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) };
  deepEqual(found.get("a.weight"), whole);
  deepEqual(found.get("tied"), whole);
  deepEqual(found.get("view")!.data, Float32Array.of(3, 4, 5));
  deepEqual(found.get("half")!.data, Float16Array.of(0.5, -2));
  deepEqual(found.get("ids")!.data, BigInt64Array.of(1n, -1n));
  deepEqual([...readPretrainedWeights(legacy).keys()], [...found.keys()]);
});

Deno.test("readPytorchFile() refuses a pickle that would run a program", () => {
  throws(() => readPytorchFile(hostile), (error) => {
    ok(error instanceof ExplainedError);
    equal(error.code, "engine/bad-pytorch-file");
    ok(
      /asks for "(posix|nt|os)\.system", which no file of weights needs/.test(error.message),
      error.message,
    );
    return true;
  });
});

Deno.test("readPytorchFile() refuses many views of one storage, each of which would be a copy", () => {
  throws(() => readPytorchFile(views), {
    code: "engine/bad-pytorch-file",
    message: /its tensors have 8 times as many bytes as it/,
  });
});

for (
  const [title, bytes] of Object.entries({
    "an empty file": new Uint8Array(),
    "zeros": new Uint8Array(100),
  })
) {
  Deno.test(`readPytorchFile() refuses ${title}`, () => {
    throws(() => readPytorchFile(bytes), /no end of a zip archive|Offset is outside/);
  });
}

for (const [title, tensors] of Object.entries({ "a zip": whole, "an old file": legacy })) {
  Deno.test(`readPytorchFile() either reads ${title} that is damaged or says that it cannot`, () => {
    const flips = fc.array(fc.tuple(fc.nat({ max: tensors.length - 1 }), fc.nat({ max: 255 })), {
      maxLength: 6,
    });
    const end = fc.oneof(fc.constant(tensors.length), fc.nat({ max: tensors.length }));

    fc.assert(
      fc.property(end, flips, (length, changes) => {
        const bytes = tensors.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const found = readPytorchFile(bytes.subarray(0, length));
          const elements = found.values().reduce((sum, { data }) => sum + data.length, 0);
          ok(elements <= 64 * tensors.length, `${elements} elements from ${tensors.length} bytes`);
        } catch (error) {
          ok(error instanceof ExplainedError, `threw ${error}`);
        }
      }),
      { seed: 5, numRuns: 3000 },
    );
  });
}
