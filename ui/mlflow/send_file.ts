import { extname } from "node:path";

/** Types of files that clients and browsers look at; text files of MLflow are sent as text. */
const TYPES: Readonly<Record<string, string>> = {
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".htm": "text/html",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript",
  ".json": "application/json",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};
const TEXTS = [
  ..."txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml py sh md rst".split(
    " ",
  ).map((name) => `.${name}`),
  "MLmodel",
  "mlproject",
];

/** An answer with the bytes of a file, never shown by a browser as a page of this server. */
export function sendFile(file: Deno.FsFile, name: string, size: number): Response {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\]/g, "_");
  const disposition = `attachment; filename="${ascii}"` +
    (ascii === name ? "" : `; filename*=UTF-8''${encodeURIComponent(name)}`);
  return new Response(file.readable, {
    headers: {
      "content-type": typeOf(name),
      "content-length": String(size),
      "content-disposition": disposition,
      "x-content-type-options": "nosniff",
    },
  });
}

function typeOf(name: string): string {
  const ending = extname(name).toLowerCase();
  if (TEXTS.includes(ending) || TEXTS.includes(name)) return "text/plain";
  return TYPES[ending] ?? "application/octet-stream";
}
