/**
 * Writes the model of one case for us, and its weights for the peer: `deno run -A prepare.ts CASE FOLDER`.
 *
 * @module
 */
import process from "node:process";
import { openEngine } from "../mod.ts";
import { readModel } from "../onnx/read_model.ts";
import { writeSafetensors } from "../safetensors.ts";
import { benchCases } from "./cases.ts";

const [name = "", folder = ""] = process.argv.slice(2);
const { architecture, features, classes } = benchCases[name]!;

await using engine = await openEngine("cpu", { threads: 1 });
const model = await engine.build(architecture, { features, classes, seed: 1 });
const weights = readModel(model).graph.initializers.entries().filter(([, { type, shape }]) =>
  type === "float32" && shape.length > 0
);
await Deno.writeFile(`${folder}/model.onnx`, model);
await Deno.writeFile(`${folder}/weights.safetensors`, writeSafetensors(new Map(weights), {}));
