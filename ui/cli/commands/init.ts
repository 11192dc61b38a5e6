import { join, resolve } from "node:path";
import { ExplainedError, listProblems } from "../../../pipeline/mod.ts";
import { type AnyCommand, newCommand } from "../new_command.ts";
import { type ProjectFile, projectFiles } from "../project_files.ts";
import { printJson, type Shell } from "../shell.ts";
import { shellQuote } from "../../shell_quote.ts";
import { writeNewFile } from "../write_new_file.ts";

/** `init [DIR]`: a project of one's own. */
export function command(shell: Shell): AnyCommand {
  return newCommand("init", {
    summary: "start a project of your own",
    about:
      "Writes a small pipeline with data, a step in a file of its own, its config and tasks.\n" +
      "No file that is there is ever overwritten.",
    examples: [["init wine", "in the new folder wine"], ["init", "where you stand"]],
  })
    .argument("[dir]", "folder of the project", ".")
    .action(async (dir, { json }) => {
      const { cwd } = shell.settings;
      const folder = resolve(cwd, dir);
      const files = await projectFiles();
      await refuseExisting(folder, files);
      for (const { path, content } of files) await writeNewFile(join(folder, path), content);
      const paths = files.map(({ path }) => path);
      if (json) return printJson(shell, { folder, files: paths });
      const { out } = shell.terminal;
      out.lines([
        `Made a project in ${folder}:`,
        ...paths.map((path) => `  ${path}`),
        "",
        "next:",
        ...(folder === resolve(cwd) ? [] : [`  cd ${shellQuote(dir)}`]),
        "  deno task pipeline run",
      ]);
    }) as AnyCommand;
}

/** Tells of every file in the way before the first one is written. */
async function refuseExisting(folder: string, files: readonly ProjectFile[]): Promise<void> {
  const there: string[] = [];
  for (const { path } of files) {
    const isThere = await Deno.lstat(join(folder, path)).then(() => true, () => false);
    if (isThere) there.push(`${path} is there already`);
  }
  if (there.length === 0) return;
  throw new ExplainedError("cli/file-exists", {
    what: `Cannot make a project in ${folder}`,
    why: listProblems(there),
    fix: "Name an empty or a new folder: `deno task pipeline init my_project`",
  });
}
