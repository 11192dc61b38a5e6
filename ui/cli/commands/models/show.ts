import type { ModelVersion, VersionChange } from "../../../../runtime/registry/mod.ts";
import { COMMAND } from "../../closing_card.ts";
import { sortMetricNames } from "../../../sort_metric_names.ts";
import { headlineMetrics } from "../../headline_metrics.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { parseCount } from "../../parse_count.ts";
import { renderNumber, renderTime } from "../../quantity.ts";
import type { ReportStyle } from "../../report_style.ts";
import { restLine } from "../../rest_line.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { shellQuote } from "../../../shell_quote.ts";
import { renderFacts, renderTable } from "../../table.ts";
import { renderVersion, versionDocument } from "../../version_document.ts";

/** `models show MODEL`: a model, its versions and their history. */
export function showCommand(shell: Shell): AnyCommand {
  return newCommand("show", {
    summary: "a model with its versions, or one version, and its history",
    examples: [
      ["models show digits", "the newest 20 versions and changes"],
      ["models show digits --limit 500", "more of them"],
      ["models show digits@champion", "the one that serves"],
      ["models show digits/3", "version 3"],
    ],
  })
    .argument("<model>", "name, name@alias or name/version")
    .option("-n, --limit <count>", "how many versions, and changes", parseCount, 20)
    .action(async (reference, { json, limit }) => {
      const { countChanges, findModel, getVersion, listVersions, versionHistory } = await import(
        "../../../../runtime/registry/mod.ts"
      );
      await using store = await openShellStore(shell);
      const chosen = await getVersion(store, reference);
      const model = await findModel(store, reference);
      const versions = model === undefined
        ? [chosen]
        : await listVersions(store, chosen.name, { limit });
      const newest = await versionHistory(store, chosen.name, {
        limit,
        ...(model === undefined ? { version: chosen.version } : {}),
      });
      // The newest changes, and they are told as they happened.
      const history = newest.toSorted((a, b) => a.at - b.at);
      if (json) {
        return printJson(shell, {
          name: chosen.name,
          ...(model === undefined ? {} : {
            version_count: model.versions,
            change_count: await countChanges(store, chosen.name),
          }),
          versions: versions.map(versionDocument),
          history: history.map(({ at, ...change }) => (
            { at: new Date(at).toISOString(), ...change }
          )),
        });
      }
      const { out } = shell.terminal;
      const style = { paint: out.paint, width: out.width() };
      if (model === undefined) out.lines(renderOneVersion(chosen, style));
      else {
        out.lines(renderVersions(chosen, versions, style));
        out.lines(restLine("versions", { shown: versions.length, all: model.versions }));
      }
      out.lines(["", style.paint.bold("history"), ...renderHistory(history, style)]);
      if (model !== undefined) {
        const all = await countChanges(store, chosen.name);
        out.lines(restLine("changes", { shown: history.length, all }));
      }
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
  return history.map(({ at, user, why, alias, version, from, to }) => {
    const what = alias === null
      ? `version ${version}: ${from ?? "new"} → ${to ?? "gone"}`
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
