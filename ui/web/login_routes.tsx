/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { Hono } from "hono";
import { readText } from "../api/mod.ts";
import { type Access, SESSION_COOKIE } from "./access.ts";
import { renderFor } from "./render_for.tsx";
import { LoginPage } from "./pages/login.tsx";

/** `GET` and `POST /login`, `POST /logout`. */
export function loginRoutes(access: Access): Hono {
  return new Hono()
    .get("/login", (c) => show(c, { next: safePath(c.req.query("next")), isWrong: false }, 200))
    .post("/login", async (c) => {
      const form = new URLSearchParams(await readText(c.req.raw, 10_000));
      const next = safePath(form.get("next") ?? undefined);
      const session = await access.logIn(form.get("token") ?? "", addressOf(c));
      if (session === undefined) return await show(c, { next, isWrong: true }, 401);
      c.header("set-cookie", cookie(c, session, ""));
      return c.redirect(next, 303);
    })
    .post("/logout", (c) => {
      access.logOut(c.req.raw);
      c.header("set-cookie", cookie(c, "", "; Max-Age=0"));
      return c.redirect("/login", 303);
    });
}

async function show(
  c: Context,
  page: { readonly next: string; readonly isWrong: boolean },
  status: 200 | 401,
): Promise<Response> {
  return c.html(`<!doctype html>${await renderFor(c, <LoginPage {...page} />)}`, status);
}

/** Out of reach of scripts, and sent by no other site. Behind a proxy that speaks HTTPS it stays there. */
function cookie(c: Context, value: string, more: string): string {
  const isSecure = c.req.header("x-forwarded-proto") === "https" || c.req.url.startsWith("https:");
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict${
    isSecure ? "; Secure" : ""
  }${more}`;
}

/** A path of this server and nothing else, or the first page. */
export function safePath(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next) ? next : "/";
}

/** The other end of the line. */
function addressOf(c: Context): string {
  const { remoteAddr } = c.env as { readonly remoteAddr?: Deno.NetAddr };
  return remoteAddr?.hostname ?? "unknown";
}
