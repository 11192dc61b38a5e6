/** @jsxImportSource hono/jsx */
import type { Page } from "../../api/mod.ts";
import type { Html } from "../html.ts";

/** The way to the newer and the older part of a long list. */
export function Pager(
  { page, path, label }: {
    readonly page: Pick<Page<unknown>, "offset" | "limit" | "has_more">;
    readonly path: string;
    readonly label: string;
  },
): Html | null {
  const { offset, limit, has_more } = page;
  if (offset === 0 && !has_more) return null;
  const at = (from: number): string => from <= 0 ? path : `${path}?offset=${from}`;
  return (
    <nav class="pager" aria-label={label}>
      {offset > 0 ? <a rel="prev" href={at(offset - limit)}>← Newer</a> : ""}
      {has_more ? <a rel="next" href={at(offset + limit)}>Older →</a> : ""}
    </nav>
  );
}
