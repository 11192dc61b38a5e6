import type { EnginePort } from "../../../pipeline/engine_port.ts";
import { ExplainedError } from "../../../pipeline/explained_error.ts";
import {
  EXTERNAL,
  type GraphProto,
  type ModelProto,
  modelType,
  type TensorProto,
} from "./onnx_schema.ts";

/** Reads the files that a model's tensors are in. */
export const readExternalData: EnginePort["readExternalData"] = async (onnx, read) => {
  const files: [string, Uint8Array<ArrayBuffer>][] = [];
  for (const path of pathsIn(onnx)) files.push([path, await read(path)]);
  return Object.fromEntries(files);
};

function pathsIn(onnx: Uint8Array): Set<string> {
  try {
    const { graph } = modelType.decode(onnx) as ModelProto;
    const paths = new Set(tensorsOf(graph ?? {}).flatMap(pathOf));
    for (const path of paths) {
      if (!isInside(path)) throw new TypeError(`its tensors are in ${JSON.stringify(path)}`);
    }
    return paths;
  } catch (cause) {
    throw new ExplainedError("engine/onnx-unreadable", {
      what: "Cannot read the ONNX model",
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "Give a complete .onnx file whose other files are in the same folder",
      cause,
    });
  }
}

/** Every tensor of a graph, those of its nodes and of the graphs within it among them. */
function tensorsOf({ initializer = [], node = [] }: GraphProto): TensorProto[] {
  const attributes = node.flatMap((each) => each.attribute ?? []);
  return [
    ...initializer,
    ...attributes.flatMap(({ t, g }) => [...(t ? [t] : []), ...(g ? tensorsOf(g) : [])]),
  ];
}

function pathOf({ dataLocation, externalData = [] }: TensorProto): string[] {
  if (dataLocation !== EXTERNAL) return [];
  return [externalData.find(({ key }) => key === "location")?.value ?? ""];
}

/** Whether a path stays in the model's folder, on every system. */
function isInside(path: string): boolean {
  if (/[\\\0]|^[a-z]:/i.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
