import {
  type AccessToken,
  findToken,
  listTokens,
  mayAct,
  type Role,
} from "../../runtime/access/mod.ts";
import type { Store } from "../../runtime/store/mod.ts";
import { type Caller, RequestError } from "../api/mod.ts";
import { neededRole } from "./needed_role.ts";
import { openRateLimit } from "./rate_limit.ts";

/** Name of the cookie that a browser shows after a login. */
export const SESSION_COOKIE = "hanok_session";

/** Who may use the server, and what for. */
export interface Access {
  /** Whether callers must show who they are. */
  readonly isGuarded: boolean;
  /**
   * Who a request is from.
   *
   * @throws {RequestError} 401 without a valid token, 403 for one that may not, 429 for too many requests.
   */
  admit(request: Request): Caller | Promise<Caller>;
  /**
   * Starts a session for a browser.
   *
   * @param from Where the request came from: guesses are limited by it.
   * @returns The value of the cookie; `undefined` for a token that is not valid.
   * @throws {RequestError} 429 after too many attempts.
   */
  logIn(token: string, from: string): Promise<string | undefined>;
  logOut(request: Request): void;
}

/** A server for whoever can reach it: this machine. @param user Who is recorded for what callers do. */
export function openAccess(user: string): Access {
  const caller: Caller = { user, role: "admin" };
  return {
    isGuarded: false,
    admit: () => caller,
    logIn: () => Promise.resolve(undefined),
    logOut: () => {},
  };
}

/** How long a token that was looked up is trusted without looking again: so soon does revoking it help. */
const TRUSTED_MS = 2000;
/** How long a browser stays logged in without being used. */
const SESSION_MS = 12 * 3600_000;
/** Addresses that need no token: there would be no way in, and no way to tell that the server lives. */
const PUBLIC = /^\/(?:login|health|healthz|ping|static\/[\w.-]+|favicon\.ico)$/;

/** A server whose callers show a token, or the cookie of a session that a token started. */
export function guardAccess(
  store: Store,
  { requestsPerSecond }: { readonly requestsPerSecond: number },
): Access {
  const trusted = new Map<string, { readonly token: AccessToken; readonly until: number }>();
  const sessions = new Map<string, { readonly token: string; until: number }>();
  const requests = openRateLimit({ perSecond: requestsPerSecond, burst: 2 * requestsPerSecond });
  const guesses = openRateLimit({ perSecond: 1 / 10, burst: 5 });

  const lookUp = async (text: string): Promise<AccessToken | undefined> => {
    const now = Date.now();
    const known = trusted.get(text);
    if (known !== undefined && known.until > now) return known.token;
    trusted.delete(text);
    const token = await findToken(store, text);
    if (trusted.size > 1000) trusted.clear();
    if (token !== undefined) trusted.set(text, { token, until: now + TRUSTED_MS });
    return token;
  };

  const sessionToken = (request: Request): string | undefined => {
    const id = readCookie(request.headers.get("cookie") ?? "", SESSION_COOKIE);
    const session = id === undefined ? undefined : sessions.get(id);
    if (session === undefined || session.until < Date.now()) return undefined;
    session.until = Date.now() + SESSION_MS;
    return session.token;
  };

  return {
    isGuarded: true,
    async admit(request) {
      const { pathname } = new URL(request.url);
      const bearer = bearerOf(request);
      const shown = bearer ?? sessionToken(request);
      const token = shown === undefined ? undefined : await lookUp(shown);
      if (token === undefined) {
        if (PUBLIC.test(pathname)) return { user: "nobody", role: "viewer" };
        throw notLoggedIn(shown !== undefined);
      }
      // What everybody gets is not counted: the page that says "too many" needs its style.
      const isFree = PUBLIC.test(pathname);
      if (!isFree && !requests.take(token.tokenId)) throw tooMany("requests", requestsPerSecond);
      const needed = neededRole(request.method, pathname);
      if (!mayAct(token.role, needed)) throw notAllowed(token.role, needed);
      return { user: token.name, role: token.role, isSession: bearer === undefined };
    },
    async logIn(token, from) {
      if (!guesses.take(from)) throw tooMany("attempts to log in", 0.1);
      if (await lookUp(token.trim()) === undefined) return undefined;
      const now = Date.now();
      for (const [id, { until }] of sessions) if (until < now) sessions.delete(id);
      const id = crypto.getRandomValues(new Uint8Array(32))
        .toBase64({ alphabet: "base64url", omitPadding: true });
      sessions.set(id, { token: token.trim(), until: now + SESSION_MS });
      return id;
    },
    logOut(request) {
      const id = readCookie(request.headers.get("cookie") ?? "", SESSION_COOKIE);
      if (id !== undefined) sessions.delete(id);
    },
  };
}

/** Whether anybody could manage a server that asks for tokens. */
export async function hasAdmin(store: Store): Promise<boolean> {
  const tokens = await listTokens(store);
  return tokens.some(({ role, revokedAt }) => role === "admin" && revokedAt === null);
}

/** A bearer token, or a token as the password of any user: some of MLflow's clients have only that. */
function bearerOf({ headers }: Request): string | undefined {
  const [, scheme = "", shown] = /^(Bearer|Basic) +(\S+)$/i.exec(
    headers.get("authorization") ?? "",
  ) ?? [];
  if (shown === undefined || scheme.toLowerCase() === "bearer") return shown;
  try {
    return /^[^:]*:(.+)$/s.exec(atob(shown))?.[1];
  } catch {
    return undefined; // no base64
  }
}

function readCookie(header: string, name: string): string | undefined {
  for (const part of header.split(";")) {
    const [key, value] = part.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}

function notLoggedIn(wasShown: boolean): RequestError {
  return new RequestError(401, {
    code: "access/no-token",
    what: "Cannot tell who you are",
    why: wasShown
      ? "the token is unknown or was revoked, or the session has ended"
      : "the request shows no token",
    fix: "Send `authorization: Bearer TOKEN`, or log in at /login; " +
      "`deno task serve token create` makes a token",
  });
}

function notAllowed(role: Role, needed: Role): RequestError {
  return new RequestError(403, {
    code: "access/not-allowed",
    what: "Cannot do this for you",
    why: `your token is of a ${role}, and this needs one of ${needed === "admin" ? "an" : "a"} ` +
      `${needed}`,
    fix: `Ask an admin for a token: \`deno task serve token create --role ${needed}\``,
  });
}

function tooMany(what: string, perSecond: number): RequestError {
  const limit = perSecond >= 1 ? `${perSecond} a second` : `${perSecond * 60} a minute`;
  return new RequestError(429, {
    code: "access/too-many",
    what: "Cannot answer that fast",
    why: `there were too many ${what}: ${limit} may be`,
    fix: "Ask again later",
  });
}
