import type { ChooseOptions, EngineChoice } from "./choose_device.ts";
import type { Device } from "./device.ts";

/** Opens a chosen device; only the package that it needs is loaded. */
export async function openDevice(
  choice: EngineChoice,
  { threads }: ChooseOptions,
): Promise<Device> {
  switch (choice.engine) {
    case "cpu": {
      const { openCpu } = await import("./ort_node.ts");
      return await openCpu(threads);
    }
    case "webgpu": {
      const { openWebgpu } = await import("./ort_webgpu.ts");
      return await openWebgpu(choice.device);
    }
    case "wasm": {
      const { openWasm } = await import("./ort_wasm.ts");
      return await openWasm();
    }
  }
}
