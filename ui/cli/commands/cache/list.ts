import { type AnyCommand, newCommand } from "../../new_command.ts";
import { parseCount } from "../../parse_count.ts";
import { plural, renderAge, renderBytes, renderDuration } from "../../quantity.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { renderTable } from "../../table.ts";

/** `cache list`: the newest results, and how much there is. */
export function listCommand(shell: Shell): AnyCommand {
  return newCommand("list", {
    summary: "cached results, newest first, and how much room they take",
    examples: [["cache list", ""], ["cache list --limit 100", "more of them"]],
  })
    .option("-n, --limit <count>", "how many", parseCount, 20)
    .action(async ({ json, limit }) => {
      const { cacheStatistics, listCacheEntries } = await import(
        "../../../../runtime/store/mod.ts"
      );
      await using store = await openShellStore(shell);
      const entries = await listCacheEntries(store, limit);
      const total = await cacheStatistics(store);
      if (json) {
        return printJson(shell, {
          entries: entries.map((entry) => ({
            cache_key: entry.cacheKey,
            node: entry.node,
            step: entry.step,
            run_id: entry.runId,
            created_at: new Date(entry.createdAt).toISOString(),
            duration_ms: entry.durationMs,
            outputs: entry.outputs,
          })),
          total: {
            entries: total.entries,
            artifacts: total.artifacts,
            blobs: total.blobs,
            blob_bytes: total.blobBytes,
            temporary_bytes: total.temporaryBytes,
          },
        });
      }
      const { out } = shell.terminal;
      const rows = entries.map((
        { cacheKey, node, step, runId, createdAt, durationMs, outputs },
      ) => [
        cacheKey.slice(0, 8),
        node,
        step,
        renderDuration(durationMs),
        renderAge(Date.now() - createdAt),
        runId.slice(0, 6),
        outputs.map(({ output, kind }) => `${output} (${kind})`).join(", "),
      ]);
      if (rows.length > 0) {
        out.lines(renderTable(
          [
            { title: "key" },
            { title: "node", flexible: true },
            { title: "step", flexible: true },
            { title: "took", align: "right" },
            { title: "made" },
            { title: "run" },
            { title: "outputs", flexible: true },
          ],
          rows,
          { width: out.width(), paint: out.paint },
        ));
      }
      out.lines([
        `${plural(total.entries, "result")}, ${plural(total.blobs, "file")}, ${
          renderBytes(total.blobBytes)
        } in ${store.folder}`,
      ]);
    }) as AnyCommand;
}
