/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { findCaller } from "../api/mod.ts";
import type { Html } from "./html.ts";
import { ReaderContext } from "./reader.ts";

/** A page as its reader sees it: one who has logged in sees as whom, and the way out. */
export async function renderFor(c: Context, page: Html): Promise<string> {
  const caller = findCaller(c.req.raw);
  const reader = caller?.isSession === true ? { name: caller.user, role: caller.role } : null;
  return String(await <ReaderContext.Provider value={reader}>{page}</ReaderContext.Provider>);
}

/** Answers with a page, or with the part of one that a script asked for. */
export async function showPage(c: Context, page: Html): Promise<Response> {
  const html = await renderFor(c, page);
  return c.html(html.startsWith("<html") ? `<!doctype html>${html}` : html);
}
