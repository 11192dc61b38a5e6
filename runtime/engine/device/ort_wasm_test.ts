import { engineCases } from "./_cases.ts";
import { operatorCases } from "./_operator_cases.ts";

engineCases("wasm");
operatorCases("wasm");
