import { deepEqual } from "node:assert/strict";
import config from "../../../deno.json" with { type: "json" };
import { ORT_VERSION } from "./ort_packages.ts";

Deno.test("the onnxruntime packages are the versions that deno.json names", () => {
  const imports: Readonly<Record<string, string>> = config.imports;

  deepEqual(
    ["onnxruntime-node", "onnxruntime-web"].map((name) => imports[name]),
    [`npm:onnxruntime-node@${ORT_VERSION}`, `npm:onnxruntime-web@${ORT_VERSION}`],
  );
});
