import { Gauge, type Registry } from "prom-client";
import type { VersionDrift } from "../../runtime/drift/mod.ts";

/** Features of a version that are told, those furthest from the reference: each is a time series of its own. */
const MOST_FEATURES = 50;

/** What is known of drift, as Prometheus reads it. */
export function openDriftGauges(registry: Registry): (drift: readonly VersionDrift[]) => void {
  const registers = [registry];
  const version = ["model", "version"];
  const score = new Gauge({
    name: "data_drift_score",
    help:
      "Distance of what a version is asked or answers from its reference, 0 when nothing differs",
    labelNames: [...version, "feature", "method"],
    registers,
  });
  const detected = new Gauge({
    name: "data_drift_detected",
    help: "1 when a feature is further from its reference than chance explains",
    labelNames: [...version, "feature"],
    registers,
  });
  const share = new Gauge({
    name: "data_drift_share",
    help: "Share of the features that drifted; from 0.5 on the data as a whole did",
    labelNames: version,
    registers,
  });
  return (drift) => {
    for (const gauge of [score, detected, share]) gauge.reset();
    for (const { id, report } of drift) {
      const labels = { model: id.name, version: String(id.version) };
      share.set(labels, report.share);
      const told = report.features.slice(0, MOST_FEATURES);
      // An input that is called like the answers gives way to them.
      const answers = report.prediction === null ? [] : [report.prediction];
      const inputs = told.filter(({ feature }) => feature !== answers[0]?.feature);
      for (const { feature, method, ...found } of [...answers, ...inputs]) {
        score.set({ ...labels, feature, method }, found.score);
        detected.set({ ...labels, feature }, Number(found.detected));
      }
    }
  };
}
