import { COMMAND } from "../../closing_card.ts";
import { type AnyCommand, newCommand } from "../../new_command.ts";
import { parseCount } from "../../parse_count.ts";
import { plural, renderBytes } from "../../quantity.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";

/** `cache gc`: frees what nothing needs. */
export function gcCommand(shell: Shell): AnyCommand {
  return newCommand("gc", {
    summary: "free what neither a recent run, nor a model, nor an upload needs",
    about: "Metrics, lineage and the reasons of old runs stay; only bytes go.",
    examples: [
      ["cache gc --dry-run", "only tells what would go"],
      ["cache gc --keep 5", "keeps the newest 5 runs of every pipeline whole"],
    ],
  })
    .option("--keep <count>", "newest runs of every pipeline to keep whole", parseCount, 10)
    .option("--dry-run", "only tell what would go")
    .action(async ({ json, keep, dryRun = false }) => {
      const { collectGarbage } = await import("../../../../runtime/store/mod.ts");
      await using store = await openShellStore(shell);
      const gone = await collectGarbage(store, { keepRuns: keep, dryRun });
      const bytes = gone.blobBytes + gone.temporaryBytes;
      if (json) {
        return printJson(shell, {
          dry_run: dryRun,
          cache_entries: gone.cacheEntries,
          blobs: gone.blobs,
          blob_bytes: gone.blobBytes,
          temporary_files: gone.temporaryFiles,
          temporary_bytes: gone.temporaryBytes,
        });
      }
      const files = plural(gone.blobs + gone.temporaryFiles, "file");
      const results = plural(gone.cacheEntries, "result");
      if (gone.blobs + gone.temporaryFiles + gone.cacheEntries === 0) {
        shell.terminal.out.lines(["There is nothing to free."]);
        return;
      }
      shell.terminal.out.lines([
        `${dryRun ? "Would free" : "Freed"} ${renderBytes(bytes)}: ${files} of ${results}.`,
        ...(dryRun && bytes > 0 ? [`next: ${COMMAND} cache gc --keep ${keep}`] : []),
      ]);
    }) as AnyCommand;
}
