/** What is known of the machine's GPU before it is used. */
export interface GpuAdapter {
  /** For people: "NVIDIA H200". */
  readonly description: string;
  /** Whether it is a program on the CPU (llvmpipe, SwiftShader, WARP): right, but slow. */
  readonly software: boolean;
}

const SOFTWARE = /llvmpipe|lavapipe|softpipe|swiftshader|software|warp|basic render/i;

/** The WebGPU adapter of this machine, or `undefined` where there is none. Asked once a process. */
export function findGpuAdapter(): Promise<GpuAdapter | undefined> {
  return asked ??= ask();
}

let asked: Promise<GpuAdapter | undefined> | undefined;

async function ask(): Promise<GpuAdapter | undefined> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null || adapter === undefined) return undefined;
  const { description, vendor, architecture, isFallbackAdapter } = adapter.info;
  const name = description || [vendor, architecture].filter((part) => part !== "").join(" ") ||
    "WebGPU adapter";
  return { description: name, software: isFallbackAdapter || SOFTWARE.test(name) };
}
