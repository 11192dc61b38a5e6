import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { parseNvidia, readGpus } from "./gpu_facts.ts";

Deno.test("parseNvidia() reads a line a card, and takes what a card does not tell for unknown", () => {
  deepEqual(parseNvidia("0, 87, 2048, 143771, 412.53\n1, [N/A], 0, [N/A], [Not Supported]\n"), [
    {
      index: 0,
      utilization: 87,
      memoryUsedMegabytes: 2048 * 1.048576,
      memoryTotalMegabytes: 143771 * 1.048576,
      powerWatts: 412.53,
    },
    {
      index: 1,
      utilization: null,
      memoryUsedMegabytes: 0,
      memoryTotalMegabytes: null,
      powerWatts: null,
    },
  ]);
});

Deno.test("readGpus() asks NVIDIA's tool, else the files of AMD's driver, else nobody", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hanok gpus " });
  const tool = join(folder, "nvidia-smi");
  await Deno.writeTextFile(tool, "#!/bin/sh\necho '0, 5, 10, 100, 20.5'\n", { mode: 0o755 });
  const failing = join(folder, "failing");
  await Deno.writeTextFile(failing, "#!/bin/sh\necho 'No devices were found'\nexit 6\n", {
    mode: 0o755,
  });
  const drm = join(folder, "drm");
  await Deno.mkdir(join(drm, "card1/device"), { recursive: true });
  await Deno.mkdir(join(drm, "card0-HDMI-A-1"));
  for (
    const [name, text] of [
      ["gpu_busy_percent", "42\n"],
      ["mem_info_vram_used", "500000000\n"],
      ["mem_info_vram_total", "16000000000\n"],
    ] as const
  ) await Deno.writeTextFile(join(drm, "card1/device", name), text);
  const amd = {
    index: 0,
    utilization: 42,
    memoryUsedMegabytes: 500,
    memoryTotalMegabytes: 16000,
    powerWatts: null,
  };
  const none = { device: null, drm: join(folder, "nothing") };

  const nvidia = await readGpus({ ...none, nvidia: tool });
  deepEqual(nvidia.map(({ utilization, powerWatts }) => [utilization, powerWatts]), [[5, 20.5]]);
  deepEqual(await readGpus({ nvidia: failing, device: null, drm }), [amd]);
  deepEqual(await readGpus({ nvidia: tool, device: join(folder, "no-driver"), drm }), [amd]);
  deepEqual(await readGpus({ ...none, nvidia: join(folder, "no-tool") }), []);
  deepEqual(await readGpus({ ...none, nvidia: tool, signal: AbortSignal.abort() }), []);
  await Deno.remove(folder, { recursive: true });
});
