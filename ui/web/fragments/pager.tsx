/** @jsxImportSource hono/jsx */
import type { Page } from "../../api/mod.ts";
import { formatNumber } from "../format.ts";
import type { Html } from "../html.ts";

export interface PagerProps {
  readonly page: Page<unknown>;
  /** What is listed, for those who do not see it. */
  readonly label: string;
  /** How many items all pages have; where it is known, their places are told. */
  readonly count?: number;
  /** What leads to the page before and the one after. @default for the newest first */
  readonly words?: readonly [before: string, after: string];
  /** Address of the page that leaves out so many items. */
  readonly address: (offset: number) => string;
}

/** Links to the pages of a list before and after; nothing for a list that is shown whole. */
export function Pager(
  { page, label, count, words: [before, after] = ["← Newer", "Older →"], address }: PagerProps,
): Html | null {
  const { items, offset, limit, has_more } = page;
  if (offset === 0 && !has_more) return null;
  return (
    <nav class="pager" aria-label={label}>
      {offset > 0 ? <a rel="prev" href={address(Math.max(0, offset - limit))}>{before}</a> : ""}
      {count === undefined || items.length === 0 ? "" : (
        <span class="quiet-text">
          {formatNumber(offset + 1)} to {formatNumber(offset + items.length)} of{" "}
          {formatNumber(count)}
        </span>
      )}
      {has_more ? <a rel="next" href={address(offset + limit)}>{after}</a> : ""}
    </nav>
  );
}
