import { engineCases } from "./_cases.ts";
import { operatorCases } from "./_operator_cases.ts";
import { oracleCases } from "./_oracle_cases.ts";

engineCases("wasm");
operatorCases("wasm");
oracleCases("wasm");
