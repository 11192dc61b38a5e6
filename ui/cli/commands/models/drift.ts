import type { ComparedReport, DriftReport, FeatureDrift } from "../../../../runtime/drift/mod.ts";
import type { VersionId } from "../../../../runtime/registry/mod.ts";
import { driftDocument } from "../../../drift_document.ts";
import { COMMAND } from "../../closing_card.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { renderCount, renderNumber, renderPercent, renderTime } from "../../quantity.ts";
import type { ReportStyle } from "../../report_style.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { shellQuote } from "../../../shell_quote.ts";
import { renderFacts, renderTable } from "../../table.ts";
import { renderVersion } from "../../version_document.ts";

/** Features that are shown, when not all are wanted. */
const SHOWN = 10;

/** `models drift MODEL`: what a version is asked, beside what it was trained on. */
export function driftCommand(shell: Shell): AnyCommand {
  return newCommand("drift", {
    summary: "what a version is asked, beside what it was trained on",
    about:
      "Compares the requests that a server kept (`serve --sample-rate`) with the training data.",
    examples: [
      ["models drift digits@champion", "the features furthest from the training data"],
      ["models drift digits/3 --all", "all features"],
    ],
  })
    .argument("<model>", "name, name@alias or name/version")
    .option("--all", "all features, not only those furthest away")
    .action(async (reference, { json, all = false }) => {
      const { compareVersion, findReference } = await import("../../../../runtime/drift/mod.ts");
      const { getVersion } = await import("../../../../runtime/registry/mod.ts");
      await using store = await openShellStore(shell);
      const version = await getVersion(store, reference);
      const report = await compareVersion(store, version, await findReference(store, version));
      if (json) return printJson(shell, driftDocument(version, report));
      const { out } = shell.terminal;
      const style = { paint: out.paint, width: out.width() };
      out.lines([
        style.paint.bold(renderVersion(version)),
        ...renderReport(report, style, all ? Infinity : SHOWN),
        ...(report.reference === null ? [] : ["", ...nextLines(version)]),
      ]);
    }) as AnyCommand;
}

function nextLines({ name, version }: VersionId): string[] {
  return renderFacts([["trained on", `${COMMAND} lineage ${shellQuote(`${name}/${version}`)}`]]);
}

function renderReport(report: DriftReport, style: ReportStyle, most: number): string[] {
  if (report.status !== "compared") {
    return renderFacts([["nothing compared", report.why], ["fix", report.fix]], style);
  }
  const shown = report.features.slice(0, most);
  const answers = report.prediction === null ? [] : [report.prediction];
  const rest = report.features.length - shown.length;
  return [
    ...renderFacts(reportFacts(report), style),
    "",
    ...renderTable(
      [
        { title: "feature", flexible: true },
        { title: "method" },
        { title: "distance", align: "right" },
        { title: "drift from", align: "right" },
        { title: "p-value", align: "right" },
        { title: "drift" },
      ],
      [...answers, ...shown].map(featureCells),
      style,
    ),
    ...(rest > 0 ? [style.paint.dim(`and ${renderCount(rest)} more: --all`)] : []),
    ...(report.unjudged.length === 0
      ? []
      : [style.paint.dim(`too few values to say anything: ${report.unjudged.join(", ")}`)]),
  ];
}

function reportFacts({ features, share, detected, reference, current }: ComparedReport) {
  const drifted = features.filter((feature) => feature.detected).length;
  const { dataset, rows } = reference;
  const of = rows < dataset.rows ? ` of ${renderCount(dataset.rows)}` : "";
  return [
    ["drift", detected ? "yes, in the data as a whole" : "no, not in the data as a whole"],
    ["features", `${drifted} of ${features.length} drifted (${renderPercent(share)})`],
    [
      "asked",
      `${renderCount(current.rows)} rows of ${renderCount(current.requests)} requests, ${
        renderTime(current.from!)
      } to ${renderTime(current.to!)}`,
    ],
    [
      "trained on",
      `${renderCount(rows)}${of} rows of ${dataset.address}, run ${dataset.runId.slice(0, 6)}`,
    ],
  ] satisfies [string, string][];
}

/** The last cell says in words what a colour would. */
function featureCells({ feature, method, score, pValue, threshold, detected }: FeatureDrift) {
  return [
    feature,
    method,
    renderNumber(score),
    pValue === null ? renderNumber(threshold) : `p < ${threshold}`,
    pValue === null ? "—" : renderNumber(pValue),
    detected ? "✗ drifted" : "✓ alike",
  ];
}
