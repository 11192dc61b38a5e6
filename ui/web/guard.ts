import type { MiddlewareHandler } from "hono";
import { RequestError } from "../api/mod.ts";

/** Nothing is loaded from elsewhere, nothing runs inline, nobody may put the pages into a frame. */
const HEADERS = [
  [
    "content-security-policy",
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
    "form-action 'self'; frame-ancestors 'none'",
  ],
  ["cross-origin-resource-policy", "same-origin"],
  // Without a referrer browsers hide the origin of our own forms, too, and they would look like those of others.
  ["referrer-policy", "same-origin"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
] as const;

/** Headers that keep browsers from being used against the server, on every answer. */
export function securityHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    for (const [name, value] of HEADERS) {
      // An answer may be stricter: files of strangers may do nothing at all.
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
    if (isTrustworthy(c.req.url, c.req.header("x-forwarded-proto"))) {
      c.res.headers.set("cross-origin-opener-policy", "same-origin");
    }
  };
}

/** Whether browsers heed what only safe origins may say; elsewhere they complain of it on every page. */
export function isTrustworthy(url: string, forwarded: string | undefined): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || forwarded === "https" || hostname === "[::1]" ||
    /^(?:.*\.)?localhost$|^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Looks at a request before anything else does. */
export type Guard = (request: Request) => void;

/**
 * Refuses requests whose Host header is a foreign name: a web page elsewhere can let its own name point
 * at this machine (DNS rebinding), and would then speak to the server as if it belonged to it.
 *
 * The guard throws `RequestError` 403.
 */
export function hostGuard(allowed: readonly string[]): Guard {
  let known: string | null = null;
  return ({ headers }) => {
    const host = headers.get("host");
    if (host === null || host === known) return;
    if (!isAllowedHost(host, allowed)) {
      throw new RequestError(403, {
        code: "server/foreign-host",
        what: "Cannot answer a request for another host",
        why: `the request is for "${host}"`,
        fix:
          "Use http://127.0.0.1 or http://localhost with the server's port, or start the server " +
          "with --allowed-host and this name",
      });
    }
    known = host;
  };
}

/**
 * Whether a Host header is one of this machine: an IP address, localhost or a name below it, or an allowed
 * name. An address cannot be rebound, because no name is looked up for it.
 */
export function isAllowedHost(header: string, allowed: readonly string[]): boolean {
  const host = header.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) || /^\[[0-9a-f:.]+\]$/.test(host)) return true;
  return allowed.some((name) => name.toLowerCase() === host);
}
