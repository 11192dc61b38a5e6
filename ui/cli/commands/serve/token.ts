import type { AccessToken, Role } from "../../../../runtime/access/mod.ts";
import { type AnyCommand, newCommand, newGroup } from "../../new_command.ts";
import { renderAge } from "../../quantity.ts";
import { openShellStore, printJson, type Shell } from "../../shell.ts";
import { renderTable } from "../../table.ts";
import { usageError } from "../../usage_error.ts";

/** `serve token …`: who may use a server that others can reach. */
export function tokenCommand(shell: Shell): AnyCommand {
  return newGroup("token", "who may use a server that other machines reach", [
    createCommand(shell),
    listCommand(shell),
    revokeCommand(shell),
  ]);
}

function createCommand(shell: Shell): AnyCommand {
  return newCommand("create", {
    summary: "make a token; it is shown once",
    about: "A viewer looks and predicts, an editor also runs, an admin also decides about models.",
    examples: [["serve token create --role viewer --name dashboard", ""]],
  })
    .option("--role <role>", "viewer, editor or admin", parseRole, "viewer")
    .option("--name <name>", "whose it is, or what for")
    .action(async ({ json, role, name }) => {
      if (await isHandedOver(shell)) return;
      const { createToken } = await import("../../../../runtime/access/mod.ts");
      const { user } = shell.settings;
      await using store = await openShellStore(shell);
      const who = { name: name ?? user, role, user, at: Date.now() };
      const { token, tokenId } = await createToken(store, who);
      if (json) return printJson(shell, { token, token_id: tokenId, name: who.name, role });
      const { out } = shell.terminal;
      out.lines([token]);
      shell.terminal.err.lines([
        `Token ${tokenId} of ${who.name}, ${role}. It is not shown again.`,
      ]);
    }) as AnyCommand;
}

function listCommand(shell: Shell): AnyCommand {
  return newCommand("list", {
    summary: "the tokens: whose, what they may, when made",
    examples: [["serve token list", ""]],
  }).action(async ({ json }) => {
    if (await isHandedOver(shell)) return;
    const { listTokens } = await import("../../../../runtime/access/mod.ts");
    await using store = await openShellStore(shell);
    const tokens = await listTokens(store);
    if (json) return printJson(shell, tokens.map(tokenDocument));
    const { out } = shell.terminal;
    if (tokens.length === 0) return out.lines(["There is no token."]);
    const now = Date.now();
    const rows = tokens.map(({ tokenId, name, role, createdAt, revokedAt }) => [
      tokenId,
      name,
      role,
      renderAge(now - createdAt),
      revokedAt === null ? "" : `revoked ${renderAge(now - revokedAt)}`,
    ]);
    const columns = ["id", "name", "role", "made", ""].map((title) => ({ title }));
    out.lines(renderTable(columns, rows, { paint: out.paint, width: out.width() }));
  }) as AnyCommand;
}

function revokeCommand(shell: Shell): AnyCommand {
  return newCommand("revoke", {
    summary: "take a token back; servers know within seconds",
    examples: [["serve token revoke 1a2b3c4d", ""]],
  })
    .argument("<id>", "as `serve token list` shows it")
    .action(async (id, { json }) => {
      if (await isHandedOver(shell)) return;
      const { revokeToken } = await import("../../../../runtime/access/mod.ts");
      await using store = await openShellStore(shell);
      await revokeToken(store, id, Date.now());
      if (json) return printJson(shell, { token_id: id, revoked: true });
      shell.terminal.out.lines([`Token ${id} is revoked.`]);
    }) as AnyCommand;
}

/** Whether a process that may open the store did the command: this one may be a launcher, which may not. */
async function isHandedOver(shell: Shell): Promise<boolean> {
  const { runOnStore } = await import("../../../launch/mod.ts");
  const code = await runOnStore(shell.args, shell.settings);
  if (code === undefined) return false;
  shell.exitCode = code;
  return true;
}

function tokenDocument({ tokenId, name, role, createdAt, revokedAt }: AccessToken) {
  const time = (at: number): string => new Date(at).toISOString();
  return {
    token_id: tokenId,
    name,
    role,
    created_at: time(createdAt),
    revoked_at: revokedAt === null ? null : time(revokedAt),
  };
}

function parseRole(text: string): Role {
  if (text === "viewer" || text === "editor" || text === "admin") return text;
  throw usageError(`"${text}" is no role`, "Choose viewer, editor or admin");
}
