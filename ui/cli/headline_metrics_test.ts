import { deepEqual, equal } from "node:assert/strict";
import { sortMetricNames } from "../sort_metric_names.ts";
import { headlineMetrics } from "./headline_metrics.ts";

Deno.test("sortMetricNames() puts what a gate demanded first, then the usual ones", () => {
  deepEqual(
    sortMetricNames(["brier", "accuracy", "kappa", "f1_macro"], new Set(["kappa"])),
    ["kappa", "accuracy", "f1_macro", "brier"],
  );
});

Deno.test("headlineMetrics() says the first ones in a few words", () => {
  equal(
    headlineMetrics({ brier: 0.1, f1_macro: 0.98, accuracy: 1 }, 2),
    "accuracy 1 · f1_macro 0.98",
  );
});
