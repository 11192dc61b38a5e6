import {
  type Anomaly,
  defineStep,
  ExplainedError,
  type Json,
  listProblems,
  type Step,
  type ValidationReport,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { collectStatistics } from "./collect_statistics.ts";
import { findAnomalies } from "./find_anomalies.ts";
import { type ValidateGiven, type ValidateParams, validateParams } from "./validate_params.ts";

/**
 * Checks a dataset against demands. `report` is a `ValidationReport`; `dataset` is the dataset as it
 * came in, so that what is wired to it waits for the check.
 *
 * @throws {ExplainedError} `validate/failed` with every anomaly, when one is as severe as `fail_on`.
 */
export const validate: Step<
  { readonly dataset: "dataset" },
  { readonly dataset: "dataset"; readonly report: "json" },
  ValidateGiven,
  ValidateParams
> = defineStep({
  module: import.meta.url,
  name: "validate",
  inputs: { dataset: "dataset" },
  outputs: { dataset: "dataset", report: "json" },
  params: validateParams,
  async run(context, { dataset }, params) {
    const collected = await collectStatistics(context, dataset, params);
    const anomalies = findAnomalies(collected, params);
    const { statistics } = collected;
    context.metric("rows", statistics.rows);
    context.metric("duplicates", statistics.duplicates);
    context.metric("anomalies", anomalies.length);
    refuse(anomalies, params);
    for (const { reason, type } of anomalies) context.log(`${reason} (${type})`, "warning");
    context.summary(`${grouped(statistics.rows)} rows · ${anomalyCount(anomalies)}`);
    const report: ValidationReport = {
      passed: !anomalies.some(({ severity }) => severity === "error"),
      anomalies,
      statistics,
      label: params.label,
    };
    return { dataset, report: report as unknown as Json };
  },
});

function anomalyCount({ length }: readonly Anomaly[]): string {
  return length === 0 ? "no anomalies" : length === 1 ? "1 anomaly" : `${length} anomalies`;
}

function refuse(anomalies: readonly Anomaly[], { fail_on }: ValidateParams): void {
  const failing = anomalies.filter(({ severity }) =>
    fail_on === "warning" || (fail_on === "error" && severity === "error")
  );
  if (failing.length === 0) return;
  throw new ExplainedError("validate/failed", {
    what: "Cannot accept the dataset",
    why: listProblems(
      anomalies.map(({ type, severity, reason }) => `${severity}: ${reason} (${type})`),
    ),
    fix:
      "Correct the data, or the demands of the validate step; `severity` makes an anomaly a warning, " +
      "`fail_on: never` lets all pass",
  });
}
