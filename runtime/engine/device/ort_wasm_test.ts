import { engineCases } from "./_cases.ts";

engineCases("wasm");
