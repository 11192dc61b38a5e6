import { engineCases } from "./_cases.ts";
import { findGpuAdapter } from "./adapter.ts";

engineCases("webgpu", await findGpuAdapter() === undefined);
