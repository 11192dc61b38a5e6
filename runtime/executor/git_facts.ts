/** The commit a run was made from. */
export interface GitFacts {
  readonly commit: string;
  /** Whether any tracked file differed from the commit. */
  readonly isDirty: boolean;
  readonly branch: string;
}

/** Reads the state of the work tree, or `null` where there is no git or no commit. */
export async function readGitFacts(folder: string): Promise<GitFacts | null> {
  try {
    const { code, stdout } = await new Deno.Command("git", {
      args: ["--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=no"],
      cwd: folder,
      stdin: "null",
      stderr: "null",
    }).output();
    return code === 0 ? parseStatus(new TextDecoder().decode(stdout)) : null;
  } catch (error) {
    // No git on this machine, or no right to start it: a run does not need it.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return null;
    }
    throw error;
  }
}

/** Reads `git status --porcelain=v2 --branch`. */
export function parseStatus(text: string): GitFacts | null {
  const lines = text.split("\n").filter((line) => line !== "");
  const header = (name: string) =>
    lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length);
  const commit = header("oid");
  if (commit === undefined || commit === "(initial)") return null;
  return {
    commit,
    isDirty: lines.some((line) => !line.startsWith("#")),
    branch: header("head") ?? "(detached)",
  };
}
