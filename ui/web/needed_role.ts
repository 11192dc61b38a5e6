import type { Role } from "../../runtime/access/mod.ts";

/** Requests that change nothing though they are no GET: predictions, what was right, searches. */
const HARMLESS = [
  /^\/$/,
  /^\/login$/,
  /^\/logout$/,
  /^\/(?:predict|invocations|feedback)$/,
  /^\/models\/[^/]+\/(?:aliases\/[^/]+\/|versions\/[^/]+\/)?predict$/,
  /^\/(?:ajax-)?api\/[23]\.0\/mlflow\/[\w-]+\/(?:search|search-datasets|get-latest-versions)$/,
];

/** Who may do what a request asks for: look and predict, run and tell, or decide about models. */
export function neededRole(method: string, path: string): Role {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return "viewer";
  if (method === "POST" && HARMLESS.some((pattern) => pattern.test(path))) return "viewer";
  const decides =
    /^\/(?:api\/)?models\/|^\/(?:ajax-)?api\/[23]\.0\/mlflow\/(?:registered-models|model-versions)\//;
  return decides.test(path) ? "admin" : "editor";
}
