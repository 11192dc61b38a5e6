/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import { type PropsWithChildren, useContext } from "hono/jsx";
import type { Html } from "./html.ts";
import { ReaderContext } from "./reader.ts";

/** The part of the site a page belongs to. */
export type Section = "predict" | "runs" | "models";

interface LayoutProps {
  readonly title: string;
  readonly section?: Section;
  /** Scripts that only this page needs. */
  readonly scripts?: readonly string[];
  /** Where the page asks for itself anew, while something on it is still going on. */
  readonly refreshFrom?: string;
  /** Where the page listens for what is new. */
  readonly liveFrom?: string;
}

/**
 * No frame of the server's own pages may run anything that does not come from the server. What a person opened stays open
 * when the page around it is brought up to date, and what a script showed stays shown.
 */
const HTMX_CONFIG = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  morphIgnore: ["data-htmx-powered", "open", "hidden"],
});

/** The frame of every page. */
export function Layout(
  { title, section, scripts = [], refreshFrom, liveFrom, children }: PropsWithChildren<LayoutProps>,
): Html {
  const live = refreshFrom === undefined ? {} : {
    "hx-get": refreshFrom,
    "hx-trigger": "every 2s",
    "hx-select": "main",
    "hx-swap": "outerMorph",
  };
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <title>{title === "Hanok" ? title : `${title} · Hanok`}</title>
        <link rel="icon" href="/static/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/static/style.css" />
        <script src="/static/htmx.min.js" defer></script>
        <script type="module" src="/static/copy.js"></script>
        {liveFrom === undefined ? "" : <script type="module" src="/static/live.js"></script>}
        {scripts.map((name) => <script type="module" src={`/static/${name}`}></script>)}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top">
          <a class="brand" href="/">
            <Roof />
            Hanok
          </a>
          <nav aria-label="Main">
            <NavLink href="/" is={section === "predict"}>Predict</NavLink>
            <NavLink href="/runs" is={section === "runs"}>Runs</NavLink>
            <NavLink href="/models" is={section === "models"}>Models</NavLink>
          </nav>
        </header>
        <main id="content" data-live={liveFrom} {...live}>{children}</main>
        <footer class="bottom">
          <a href="/docs">HTTP API</a>
          <a href="/lineage">Lineage</a>
          <a href="/metrics">Metrics</a>
          <Account />
        </footer>
      </body>
    </html>
  );
}

/** Who has logged in, and the way out. */
function Account(): Html | null {
  const reader = useContext(ReaderContext);
  if (reader === null) return null;
  return (
    <form method="post" action="/logout" class="account">
      <span class="quiet-text">{reader.name}, {reader.role}</span>
      <button type="submit" class="plain">Log out</button>
    </form>
  );
}

function NavLink(
  { href, is, children }: PropsWithChildren<{ readonly href: string; readonly is: boolean }>,
): Html {
  return is ? <a href={href} aria-current="page">{children}</a> : <a href={href}>{children}</a>;
}

/** The curved roof of a hanok. */
function Roof(): Html {
  return (
    <svg class="roof" viewBox="0 0 32 24" width="32" height="24" aria-hidden="true">
      <path d="M1 13 C7 12 10 8 12 3 H20 C22 8 25 12 31 13 L30 16 H2 Z" />
      <path d="M7 16 V23 M25 16 V23 M16 16 V23" />
    </svg>
  );
}
