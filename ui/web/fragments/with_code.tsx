/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file jsx-key -- a page is rendered once; a key would be written into its HTML
import type { Html } from "../html.ts";

/** A text whose parts between backticks are code. */
export function WithCode({ text }: { readonly text: string }): Html {
  const parts = text.split("`");
  // A single backtick is none of a pair: then the text is shown as it is.
  if (parts.length % 2 === 0) return <>{text}</>;
  return <>{parts.map((part, i) => i % 2 === 1 ? <code>{part}</code> : part)}</>;
}
