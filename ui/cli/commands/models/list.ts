import type { ModelVersion, RegisteredModel } from "../../../../runtime/registry/mod.ts";
import { COMMAND } from "../../closing_card.ts";
import { headlineMetrics } from "../../headline_metrics.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { renderAge } from "../../quantity.ts";
import type { ReportStyle } from "../../report_style.ts";
import { parseCount } from "../../parse_count.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { shellQuote } from "../../../shell_quote.ts";
import { renderTable } from "../../table.ts";
import { restLine } from "../../rest_line.ts";
import { versionDocument } from "../../version_document.ts";

/** A model and the version that stands for it: its champion, else its newest. */
export interface ListedModel {
  readonly model: RegisteredModel;
  readonly version: ModelVersion | undefined;
}

/** `models list`: what is registered. */
export function listCommand(shell: Shell): AnyCommand {
  return newCommand("list", {
    summary: "the registered models and which version serves",
    examples: [
      ["models list", ""],
      ["models list --limit 500", "more than the first 100"],
    ],
  }).option("-n, --limit <count>", "how many", parseCount, 100).action(async ({ json, limit }) => {
    const { countModels, findSpeakers, listModels } = await import(
      "../../../../runtime/registry/mod.ts"
    );
    await using store = await openShellStore(shell);
    const models = await listModels(store, { limit });
    const speakers = await findSpeakers(store, models.map(({ name }) => name));
    const listed = models.map((model) => ({ model, version: speakers.get(model.name) }));
    if (json) {
      return printJson(
        shell,
        listed.map(({ model, version }) => ({
          name: model.name,
          description: model.description,
          versions: model.versions,
          latest_version: model.latestVersion,
          aliases: model.aliases,
          serving: version === undefined ? null : versionDocument(version),
        })),
      );
    }
    const { out } = shell.terminal;
    const style = { paint: out.paint, width: out.width() };
    const rest = restLine("models", { shown: listed.length, all: await countModels(store) });
    out.lines([...renderModels(listed, style, Date.now()), ...rest, ...nextLine(listed)]);
  }) as AnyCommand;
}

function nextLine([first]: readonly ListedModel[]): string[] {
  return first === undefined
    ? [`next: ${COMMAND} run`]
    : [`next: ${COMMAND} models show ${shellQuote(first.model.name)}`];
}

/** Models as a table. */
export function renderModels(
  listed: readonly ListedModel[],
  style: ReportStyle,
  now: number,
): string[] {
  if (listed.length === 0) return ["No model is registered."];
  const rows = listed.map(({ model, version }) => [
    model.name,
    String(model.versions),
    Object.entries(model.aliases).map(([alias, each]) => `${alias} ${each}`).join(", "),
    headlineMetrics(version?.metrics ?? {}, 2),
    version === undefined ? "" : renderAge(now - version.creationTime),
  ]);
  return renderTable(
    [
      { title: "model", flexible: true },
      { title: "versions", align: "right" },
      { title: "aliases", flexible: true },
      { title: "metrics", flexible: true },
      { title: "registered" },
    ],
    rows,
    style,
  );
}
