import { didYouMean, ExplainedError } from "../../pipeline/mod.ts";
import { insertRows, selectRow, selectRows, type Store } from "../store/mod.ts";

/** What somebody may do, each role all that the one before it may: look and predict; run and tell; decide. */
export const ROLES = ["viewer", "editor", "admin"] as const;
export type Role = typeof ROLES[number];

/** A token as it is listed: never the token itself. */
export interface AccessToken {
  /** Eight hex digits, to revoke it by. */
  readonly tokenId: string;
  /** Whose it is, or what for. */
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** Whether a role may do what asks for another one. */
export function mayAct(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/**
 * Makes a token. It is shown once: the store keeps its hash.
 *
 * @returns The token: `hanok_` and 43 letters and digits, 256 random bits.
 */
export async function createToken(
  store: Store,
  { name, role, user, at }: {
    readonly name: string;
    readonly role: Role;
    readonly user: string;
    readonly at: number;
  },
): Promise<{ readonly token: string; readonly tokenId: string }> {
  const random = crypto.getRandomValues(new Uint8Array(32));
  const token = `hanok_${random.toBase64({ alphabet: "base64url", omitPadding: true })}`;
  const tokenId = crypto.getRandomValues(new Uint8Array(4)).toHex();
  const row = { token_id: tokenId, name, role, hash: await hashOf(token) };
  await store.write((transaction) =>
    insertRows(transaction, "access_tokens", [
      { ...row, created_at: at, user_id: user, revoked_at: null },
    ])
  );
  return { token, tokenId };
}

/** The token that a caller shows, if it is known and not revoked. */
export async function findToken(store: Store, token: string): Promise<AccessToken | undefined> {
  if (!/^hanok_[\w-]{43}$/.test(token)) return undefined;
  return await selectRow<AccessToken>(
    store.client,
    `${TOKENS} WHERE hash = ? AND revoked_at IS NULL`,
    [await hashOf(token)],
  );
}

/** All tokens, the newest first; revoked ones too. */
export async function listTokens(store: Store): Promise<AccessToken[]> {
  return await selectRows(store.client, `${TOKENS} ORDER BY created_at DESC, token_id`);
}

/**
 * Takes a token back, for good.
 *
 * @throws {ExplainedError} `access/unknown-token`.
 */
export async function revokeToken(store: Store, tokenId: string, at: number): Promise<void> {
  const revoked = await store.write((transaction) =>
    transaction.execute({
      sql: "UPDATE access_tokens SET revoked_at = coalesce(revoked_at, ?) WHERE token_id = ?",
      args: [at, tokenId],
    })
  );
  if (revoked.rowsAffected > 0) return;
  const known = (await listTokens(store)).map((each) => each.tokenId);
  throw new ExplainedError("access/unknown-token", {
    what: `Cannot revoke token "${tokenId}"`,
    why: `no token has this id${didYouMean(tokenId, known)}`,
    fix: "List the tokens with `deno task serve token list`",
  });
}

/** What is kept of a secret of 256 random bits: guessing it takes too long for any hash, so a quick one will do. */
async function hashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return new Uint8Array(digest).toHex();
}

const TOKENS = `SELECT token_id AS tokenId, name, role, created_at AS createdAt,
  revoked_at AS revokedAt FROM access_tokens`;
