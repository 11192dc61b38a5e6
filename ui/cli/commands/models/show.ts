import type { ModelVersion, VersionChange } from "../../../../runtime/registry/mod.ts";
import { COMMAND } from "../../closing_card.ts";
import { sortMetricNames } from "../../../sort_metric_names.ts";
import { headlineMetrics } from "../../headline_metrics.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { renderNumber, renderTime } from "../../quantity.ts";
import type { ReportStyle } from "../../report_style.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { shellQuote } from "../../shell_quote.ts";
import { renderFacts, renderTable } from "../../table.ts";
import { renderVersion, versionDocument } from "../../version_document.ts";

/** `models show MODEL`: a model, its versions and their history. */
export function showCommand(shell: Shell): AnyCommand {
  return newCommand("show", {
    summary: "a model with its versions, or one version, and its history",
    examples: [
      ["models show digits", "all versions"],
      ["models show digits@champion", "the one that serves"],
      ["models show digits/3", "version 3"],
    ],
  })
    .argument("<model>", "name, name@alias or name/version")
    .action(async (reference, { json }) => {
      const { getVersion, listModels, listVersions, versionHistory } = await import(
        "../../../../runtime/registry/mod.ts"
      );
      await using store = await openShellStore(shell);
      const chosen = await getVersion(store, reference);
      const isWhole = (await listModels(store)).some(({ name }) => name === reference);
      const versions = isWhole ? await listVersions(store, chosen.name) : [chosen];
      const history = await versionHistory(
        store,
        chosen.name,
        ...(isWhole ? [] : [chosen.version]),
      );
      if (json) {
        return printJson(shell, {
          name: chosen.name,
          versions: versions.map(versionDocument),
          history: history.map(({ at, ...change }) => (
            { at: new Date(at).toISOString(), ...change }
          )),
        });
      }
      const { out } = shell.terminal;
      const style = { paint: out.paint, width: out.width() };
      out.lines(
        isWhole ? renderVersions(chosen, versions, style) : renderOneVersion(chosen, style),
      );
      // Changes of state do not name their version: they are shown with a single one.
      const told = isWhole ? history.filter(({ alias }) => alias !== null) : history;
      out.lines(["", style.paint.bold("history"), ...renderHistory(told, style)]);
      out.lines(["", ...nextLines(chosen)]);
    }) as AnyCommand;
}

function renderVersions(
  { name }: ModelVersion,
  versions: readonly ModelVersion[],
  style: ReportStyle,
): string[] {
  const rows = versions.map((each) => [
    String(each.version),
    each.aliases.join(", "),
    each.state,
    headlineMetrics(each.metrics, 3),
    renderTime(each.creationTime),
    each.runId?.slice(0, 6) ?? "—",
  ]);
  return [
    style.paint.bold(name),
    ...renderTable(
      [
        { title: "version", align: "right" },
        { title: "aliases" },
        { title: "state" },
        { title: "metrics", flexible: true },
        { title: "registered" },
        { title: "run" },
      ],
      rows,
      style,
    ),
  ];
}

function renderOneVersion(version: ModelVersion, { paint }: ReportStyle): string[] {
  const facts: [string, string][] = [
    ["state", version.state],
    ["registered", `${renderTime(version.creationTime)} by ${version.userId ?? "unknown"}`],
    ["run", version.runId ?? "imported"],
    ["content", version.artifactHash ?? "its bytes are not in this store"],
    ["description", version.description],
    ...sortMetricNames(Object.keys(version.metrics))
      .map((name): [string, string] => [name, renderNumber(version.metrics[name]!)]),
  ];
  return [
    paint.bold(renderVersion(version)),
    ...renderFacts(facts.filter(([, value]) => value !== ""), { paint }),
  ];
}

function renderHistory(history: readonly VersionChange[], style: ReportStyle): string[] {
  return history.map(({ at, user, why, alias, from, to }) => {
    const what = alias === null
      ? `${from ?? "new"} → ${to ?? "gone"}`
      : `${alias}: ${from ?? "none"} → ${to ?? "none"}`;
    return `  ${style.paint.dim(renderTime(at))}  ${what}  by ${user}${
      why === "" ? "" : `: ${why}`
    }`;
  });
}

function nextLines({ name, version }: ModelVersion): string[] {
  return renderFacts([
    ["predict", `${COMMAND} predict ${shellQuote(name)} --example`],
    ["where from", `${COMMAND} lineage ${shellQuote(`${name}/${version}`)}`],
  ]);
}
