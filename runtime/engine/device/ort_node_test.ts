import { engineCases } from "./_cases.ts";
import { badIdCases, exportedCases, statisticsCases } from "./_exported_cases.ts";
import { frozenCases } from "./_frozen_cases.ts";
import { operatorCases } from "./_operator_cases.ts";
import { optionCases, oracleCases } from "./_oracle_cases.ts";
import { sparseCases } from "./_sparse_cases.ts";

engineCases("cpu");
operatorCases("cpu");
oracleCases("cpu");
optionCases("cpu");
exportedCases("cpu");
badIdCases("cpu");
statisticsCases("cpu");
frozenCases("cpu");
sparseCases("cpu");
