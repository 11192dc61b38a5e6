import type { Run } from "../../../../runtime/store/mod.ts";
import { RUN_STATUSES, statusQuery } from "../../../run_statuses.ts";
import { headlineMetrics } from "../../headline_metrics.ts";
import { type AnyCommand, collect, newCommand } from "../../new_command.ts";
import { COMMAND } from "../../closing_card.ts";
import { parseCount } from "../../parse_count.ts";
import { parseTags } from "../../parse_tags.ts";
import { renderAge, renderDuration } from "../../quantity.ts";
import type { ReportStyle } from "../../report_style.ts";
import { ownMetrics, runDocument, statusWord } from "../../run_document.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { renderTable } from "../../table.ts";
import { usageError } from "../../usage_error.ts";

/** `runs list`: the newest runs. */
export function listCommand(shell: Shell): AnyCommand {
  return newCommand("list", {
    summary: "the newest runs",
    examples: [
      ["runs list", "the newest 20"],
      ["runs list --pipeline digits --status failed", "only those"],
      ["runs list --sort accuracy", "the most accurate first"],
    ],
  })
    .option("-p, --pipeline <name>", "only runs of this pipeline")
    .option("--status <status>", `only ${RUN_STATUSES.join(", ")}`)
    .option("--tag <key=value>", "only runs with this tag; repeatable", collect)
    .option("--sort <metric>", "greatest value of this metric first")
    .option("-n, --limit <count>", "how many", parseCount, 20)
    .option("--deleted", "those that were deleted")
    .action(async ({ json, pipeline, status, tag, sort, limit, deleted }) => {
      const wanted = status === undefined ? {} : statusQuery(status);
      if (typeof wanted === "string") {
        throw usageError(wanted, `Use one of ${RUN_STATUSES.join(", ")}`);
      }
      const { listRuns } = await import("../../../../runtime/store/mod.ts");
      await using store = await openShellStore(shell);
      const runs = await listRuns(store, {
        ...wanted,
        limit,
        tags: { ...parseTags(tag ?? []), ...wanted.tags },
        lifecycleStage: deleted ? "deleted" : "active",
        ...(pipeline === undefined ? {} : { experiment: pipeline }),
        ...(sort === undefined ? {} : { orderBy: { by: { metric: sort }, descending: true } }),
      });
      if (json) return printJson(shell, runs.map(runDocument));
      const { out } = shell.terminal;
      out.lines(renderRuns(runs, Date.now(), { paint: out.paint, width: out.width() }));
    }) as AnyCommand;
}

/** Runs as a table, and what to do next. */
export function renderRuns(runs: readonly Run[], now: number, style: ReportStyle): string[] {
  const [newest] = runs;
  if (newest === undefined) {
    return ["No runs.", `next: ${COMMAND} run`];
  }
  const rows = runs.map((run) => [
    run.runId.slice(0, 6),
    run.experiment,
    statusWord(run),
    renderAge(now - run.startTime),
    run.endTime === null ? "" : renderDuration(run.endTime - run.startTime),
    headlineMetrics(ownMetrics(run), 2),
    run.runName,
  ]);
  return [
    ...renderTable(
      [
        { title: "run" },
        { title: "pipeline", flexible: true },
        { title: "status" },
        { title: "started" },
        { title: "took", align: "right" },
        { title: "metrics", flexible: true },
        { title: "name", flexible: true },
      ],
      rows,
      style,
    ),
    `next: ${COMMAND} runs show ${newest.runId.slice(0, 6)}`,
  ];
}
