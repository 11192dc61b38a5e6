import { RequestError } from "../api/mod.ts";

/**
 * Refuses what another site makes a browser send: forms and scripts elsewhere can reach this server with the
 * reader's cookie, or from the reader's own machine. Browsers say where a request comes from; programs say nothing.
 *
 * @throws {RequestError} 403.
 */
export function refuseOtherSites({ method, headers }: Request): void {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const isOwn = site !== null
    ? site === "same-origin" || site === "none"
    : origin === null || hostOf(origin) === headers.get("host");
  if (isOwn) return;
  throw new RequestError(403, {
    code: "request/other-site",
    what: "Cannot do this",
    why: `the request comes from another site: ${origin ?? site}`,
    fix: "Use the server's own pages, or a program",
  });
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
