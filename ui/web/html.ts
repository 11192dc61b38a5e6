import type { JSX } from "hono/jsx/jsx-runtime";

/** What a component gives: escaped HTML, or a promise of it. */
export type Html = JSX.Element;
