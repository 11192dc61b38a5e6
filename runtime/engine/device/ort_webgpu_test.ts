import { engineCases } from "./_cases.ts";
import { badIdCases, exportedCases } from "./_exported_cases.ts";
import { operatorCases } from "./_operator_cases.ts";
import { optionCases, oracleCases } from "./_oracle_cases.ts";
import { findGpuAdapter } from "./adapter.ts";

const ignore = await findGpuAdapter() === undefined;

engineCases("webgpu", ignore);
operatorCases("webgpu", { ignore, except: ["Cast"] }); // to float64, which GPUs lack
oracleCases("webgpu", ignore);
optionCases("webgpu", ignore);
exportedCases("webgpu", ignore);
badIdCases("webgpu", ignore);
