/** @jsxImportSource hono/jsx */
import type { Html } from "../html.ts";
import { formatAgo, formatTime } from "../format.ts";

/** How long ago, with the time in full for those who point at it. */
export function Ago({ at }: { readonly at: string }): Html {
  return <time datetime={at} title={formatTime(at)}>{formatAgo(at, Date.now())}</time>;
}
