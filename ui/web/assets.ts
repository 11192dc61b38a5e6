import { Hono } from "hono";
import copyScript from "./static/copy.js" with { type: "text" };
import drawingScript from "./static/drawing.js" with { type: "text" };
import favicon from "./static/favicon.svg" with { type: "text" };
import grafana from "./static/grafana.json" with { type: "json" };
import historyScript from "./static/history.js" with { type: "text" };
import liveScript from "./static/live.js" with { type: "text" };
import textBoxScript from "./static/text_box.js" with { type: "text" };
import style from "./static/style.css" with { type: "text" };

/** A file that pages ask for. */
interface Asset {
  readonly type: string;
  readonly read: () => string | Promise<string>;
}

const SCRIPT = "text/javascript; charset=utf-8";

const ASSETS: Readonly<Record<string, Asset>> = {
  "copy.js": { type: SCRIPT, read: () => copyScript },
  "drawing.js": { type: SCRIPT, read: () => drawingScript },
  "grafana.json": { type: "application/json", read: () => JSON.stringify(grafana, null, 2) },
  "favicon.svg": { type: "image/svg+xml", read: () => favicon },
  "htmx.min.js": { type: SCRIPT, read: readHtmx },
  "history.js": { type: SCRIPT, read: () => historyScript },
  "live.js": { type: SCRIPT, read: () => liveScript },
  "text_box.js": { type: SCRIPT, read: () => textBoxScript },
  "style.css": { type: "text/css; charset=utf-8", read: () => style },
};

/** `GET /static/…`: everything that the pages need comes from this server. */
export function assetRoutes(): Hono {
  const known = new Map<string, { readonly text: string; readonly etag: string }>();
  return new Hono()
    .get("/static/:file", async (c) => {
      const name = c.req.param("file");
      const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
      if (asset === undefined) return c.notFound();
      let file = known.get(name);
      if (file === undefined) {
        const text = await asset.read();
        file = { text, etag: await etagOf(text) };
        known.set(name, file);
      }
      const headers = { etag: file.etag, "cache-control": "no-cache" };
      if (c.req.header("if-none-match") === file.etag) return c.body(null, 304, headers);
      return c.body(file.text, 200, { ...headers, "content-type": asset.type });
    })
    .get("/favicon.ico", (c) => c.redirect("/static/favicon.svg", 301));
}

/** Read from the package when the first page asks for it. */
async function readHtmx(): Promise<string> {
  const { default: text } = await import("htmx.org/dist/htmx.min.js", { with: { type: "text" } });
  return text;
}

async function etagOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `"${new Uint8Array(digest).toHex().slice(0, 32)}"`;
}
