import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { buildModel } from "../architectures/mod.ts";
import { importOrtNode } from "../device/ort_packages.ts";
import { type ModelProto, modelType } from "./onnx_schema.ts";
import { readModel } from "./read_model.ts";
import { writeModel } from "./write_model.ts";
import { writeModelFiles } from "./write_model_files.ts";

const FEATURES = 40;
const model = buildModel({ kind: "mlp", hidden: [50, 30], activation: "gelu" }, {
  ...{ features: FEATURES, classes: 3, seed: 1 },
});
const small = { fileBytes: 4000 };

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hanok-files-" });
  try {
    const { onnx, externalData } = writeModelFiles(model, small);
    await Deno.writeFile(join(folder, "model.onnx"), onnx);
    for (const [path, data] of Object.entries(externalData)) {
      await Deno.writeFile(join(folder, path), data);
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("writeModelFiles() writes one file while the model fits", () => {
  const whole = writeModel(model);

  deepEqual(writeModelFiles(model), { onnx: whole, externalData: {} });
  deepEqual(writeModelFiles(model, { fileBytes: whole.length }).externalData, {});
  deepEqual(Object.keys(writeModelFiles(model, { fileBytes: whole.length - 1 }).externalData), [
    "model.onnx.data",
  ]);
});

Deno.test("writeModelFiles() writes what readModel() reads, the same bytes each time", () => {
  const { onnx, externalData } = writeModelFiles(model, small);

  ok(onnx.length <= small.fileBytes, `${onnx.length} bytes`);
  deepEqual(readModel(onnx, externalData), model);
  deepEqual(writeModelFiles(model, small), { onnx, externalData });
});

Deno.test("writeModelFiles() says where tensors lie as ONNX has it, each at the beginning of a page", () => {
  const { onnx, externalData } = writeModelFiles(model, small);
  const { graph } = modelType.decode(onnx) as ModelProto;
  const outside = graph!.initializer!.filter(({ dataLocation }) => dataLocation === 1);

  const places = outside.map(({ name, rawData, externalData: entries }) => {
    equal(rawData?.length ?? 0, 0);
    return [name, Object.fromEntries(entries!.map(({ key, value }) => [key, value]))];
  });
  deepEqual(Object.fromEntries(places), {
    "hidden_1.weight": { location: "model.onnx.data", offset: "0", length: "8000" },
    "hidden_2.weight": { location: "model.onnx.data", offset: "8192", length: "6000" },
  });
  equal(externalData["model.onnx.data"]!.length, 8192 + 6000);
});

Deno.test("onnxruntime reads what writeModelFiles() wrote from a folder", async () => {
  const ort = await importOrtNode();
  const x = Float32Array.from({ length: 2 * FEATURES }, (_, i) => Math.sin(i));
  const logits = async (file: string | Uint8Array): Promise<number[]> => {
    const session = await ort.InferenceSession.create(file as string);
    const run = await session.run({ features: new ort.Tensor("float32", x, [2, FEATURES]) });
    await session.release();
    return [...run.logits!.data as Float32Array];
  };

  await inFolder(async (folder) => {
    deepEqual(await logits(join(folder, "model.onnx")), await logits(writeModel(model)));
  });
});

const READ = `
import hashlib, sys, onnx
from onnx import numpy_helper
model = onnx.load(sys.argv[1])
onnx.checker.check_model(sys.argv[1], full_check=True)
for tensor in model.graph.initializer:
    array = numpy_helper.to_array(tensor)
    print(tensor.name, array.shape, hashlib.sha256(array.tobytes()).hexdigest())
`;

async function python(args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("python3", {
      args: [...args],
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined; // no Python at all
  }
}

const ignore =
  await python(["-c", "import onnx; assert onnx.defs.onnx_opset_version() >= 20"]) === undefined;

Deno.test({
  name: `onnx's package for Python reads what writeModelFiles() wrote${
    ignore ? " (skipped: no Python with onnx)" : ""
  }`,
  ignore,
  fn: () =>
    inFolder(async (folder) => {
      const lines: string[] = [];
      for (const [name, { shape, data }] of model.graph.initializers) {
        const hash = await crypto.subtle.digest("SHA-256", data as Float32Array<ArrayBuffer>);
        const axes = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
        lines.push(`${name} ${axes} ${new Uint8Array(hash).toHex()}\n`);
      }

      equal(await python(["-c", READ, join(folder, "model.onnx")]), lines.join(""));
    }),
});
