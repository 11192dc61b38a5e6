/** Version of every onnxruntime package used; a part of cache keys, so it must be known without loading them. */
export const ORT_VERSION = "1.30.0";

// The specifiers are put together at run time: one that Deno can read ahead is downloaded (114 and
// 33 MB) for commands that never use it.

/** Loads the native runtime. */
export async function importOrtNode(): Promise<typeof import("onnxruntime-node")> {
  return await import(`npm:onnxruntime-node@${ORT_VERSION}`);
}

/** Loads the web runtime that has the WebGPU engine. */
export async function importOrtWebgpu(): Promise<typeof import("onnxruntime-web/webgpu")> {
  return await import(`npm:onnxruntime-web@${ORT_VERSION}/webgpu`);
}

/** Loads the web runtime for WebAssembly alone. */
export async function importOrtWasm(): Promise<typeof import("onnxruntime-web/wasm")> {
  return await import(`npm:onnxruntime-web@${ORT_VERSION}/wasm`);
}
