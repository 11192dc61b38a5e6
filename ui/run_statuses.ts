import { didYouMean } from "../pipeline/mod.ts";
import type { RunQuery } from "../runtime/store/mod.ts";

/** How a run can stand, in our words, and what asks the store for those. */
const QUERIES: Readonly<Record<string, Pick<RunQuery, "status" | "tags" | "withoutTags">>> = {
  running: { status: "RUNNING" },
  // A run of another program has no word of its own for how it ended.
  succeeded: { status: "FINISHED", withoutTags: { "hanok.status": "gated" } },
  gated: { status: "FINISHED", tags: { "hanok.status": "gated" } },
  failed: { status: "FAILED" },
  cancelled: { status: "KILLED" },
};

/** The words, in the order in which lists offer them. */
export const RUN_STATUSES: readonly string[] = Object.keys(QUERIES);

/** What asks the store for runs of a status, or a sentence that says why there is no such status. */
export function statusQuery(
  status: string,
): Pick<RunQuery, "status" | "tags" | "withoutTags"> | string {
  return QUERIES[status] ??
    `there is no status "${status}"${didYouMean(status, RUN_STATUSES)}`;
}
