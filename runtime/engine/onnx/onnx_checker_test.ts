import { deepEqual } from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildableArchitecture } from "../../../pipeline/architecture.ts";
import { openEngine } from "../open_engine.ts";

/** Any Python with the package `onnx` (1.15 or later: operator set 20). */
const PYTHON = "python3";
const CHECK = `
import sys, onnx
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(path, full_check=True)
    except Exception as error:
        print(path.rsplit("/")[-1], error)
`;
const HAS_ONNX = `import onnx; assert onnx.defs.onnx_opset_version() >= 20`;

async function python(code: string, args: readonly string[] = []): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(PYTHON, {
      args: ["-c", code, ...args],
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined; // no Python at all
  }
}

const ignore = await python(HAS_ONNX) === undefined;

const encoder = {
  kind: "encoder",
  layers: 2,
  hidden: 8,
  heads: 2,
  intermediate: 16,
  vocabulary: 20,
  positions: 12,
  dropout: 0.1,
} as const;
const built: Readonly<Record<string, BuildableArchitecture>> = {
  "mlp": { kind: "mlp", hidden: [4], activation: "gelu", dropout: 0.2 },
  "linear": { kind: "mlp", hidden: [] },
  "bert": { ...encoder, family: "bert" },
  "electra": { ...encoder, family: "electra", embedding: 4 },
  "distilbert": { ...encoder, family: "distilbert", activation: "relu" },
};

Deno.test({
  name: `onnx's checker accepts what the engine exports${
    ignore ? " (skipped: no Python with onnx)" : ""
  }`,
  ignore,
  fn: async () => {
    const folder = await mkdtemp(join(tmpdir(), "hanok-checked-"));
    try {
      await using engine = await openEngine("cpu", { threads: 1 });
      const models = new Map<string, Uint8Array<ArrayBuffer>>();
      for (const [name, architecture] of Object.entries(built)) {
        models.set(name, await engine.build(architecture, { features: 3, classes: 2, seed: 1 }));
      }
      const exported = new URL("../testdata/exported/", import.meta.url);
      for (const file of await readdir(exported)) {
        models.set(file, new Uint8Array(await readFile(new URL(file, exported))));
      }
      for (const [name, model] of models) {
        await using training = await engine.openTraining(model, {
          loss: { kind: "cross-entropy" },
          optimizer: { kind: "sgd", learningRate: 0.1 },
        });
        await writeFile(join(folder, name), await training.export());
      }

      const refused = await python(CHECK, [...models.keys()].map((name) => join(folder, name)));

      deepEqual(refused, "");
    } finally {
      await rm(folder, { recursive: true });
    }
  },
});
