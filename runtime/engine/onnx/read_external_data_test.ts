import { deepEqual, rejects } from "node:assert/strict";
import { modelType } from "./onnx_schema.ts";
import { readExternalData } from "./read_external_data.ts";

/** A tensor in another file. */
function tensorAt(location: string): object {
  const externalData = [{ key: "offset", value: "0" }, { key: "location", value: location }];
  return { name: "w", dims: [1], dataType: 1, dataLocation: 1, externalData };
}

function modelWith(graph: object): Uint8Array<ArrayBuffer> {
  return new Uint8Array(modelType.encode({ irVersion: 8, graph }).finish());
}

const read = (path: string) => Promise.resolve(new TextEncoder().encode(path));

Deno.test("readExternalData() reads each file that a tensor is in once, wherever the tensor is", async () => {
  const inner = { initializer: [tensorAt("branch.bin")], node: [] };
  const inside = { ...tensorAt("not.bin"), dataLocation: 0 };
  const model = modelWith({
    initializer: [tensorAt("a.bin"), tensorAt("weights/b.bin"), tensorAt("a.bin"), inside],
    node: [
      { opType: "Constant", attribute: [{ name: "value", type: 4, t: tensorAt("c.bin") }] },
      { opType: "If", attribute: [{ name: "then_branch", type: 5, g: inner }] },
    ],
  });

  const files = await readExternalData(model, read);

  deepEqual(
    Object.entries(files).map(([path, data]) => [path, new TextDecoder().decode(data)]),
    ["a.bin", "weights/b.bin", "c.bin", "branch.bin"].map((path) => [path, path]),
  );
});

for (
  const path of [
    "../w",
    "/etc/passwd",
    "a/../../w",
    "C:\\w",
    "c:w",
    "a\\w",
    "",
    "./w",
    "a//w",
    "w\0",
  ]
) {
  Deno.test(`readExternalData() refuses the path ${JSON.stringify(path)}`, async () => {
    await rejects(() => readExternalData(modelWith({ initializer: [tensorAt(path)] }), read), {
      code: "engine/onnx-unreadable",
      why: `its tensors are in ${JSON.stringify(path)}`,
    });
  });
}

Deno.test("readExternalData() refuses a damaged model, and tells what the reader tells", async () => {
  const broken = modelWith({ initializer: [tensorAt("a.bin")] }).subarray(0, 12);
  await rejects(() => readExternalData(broken, read), { code: "engine/onnx-unreadable" });

  const gone = new Error("there is no a.bin");
  await rejects(
    () =>
      readExternalData(modelWith({ initializer: [tensorAt("a.bin")] }), () => Promise.reject(gone)),
    gone,
  );
});
