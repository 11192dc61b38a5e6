import { listProblems } from "../../pipeline/mod.ts";
import type { RunQuery } from "../../runtime/store/mod.ts";
import { RUN_STATUSES, statusQuery } from "../run_statuses.ts";
import { RequestError } from "./error_answer.ts";

/** Which runs are asked for, as an address says it. */
export interface RunFilter {
  /** Only runs of this pipeline. */
  readonly pipeline?: string;
  /** `succeeded`, `failed`, … */
  readonly status?: string;
  /** Tag a run must have: `key=value`. */
  readonly tag?: string;
  /** Metric whose greatest values come first. @default the newest first */
  readonly sort?: string;
}

const NAMES = ["pipeline", "status", "tag", "sort"] as const;

/** The filter in the query of an address; an empty field asks for nothing. */
export function readRunFilter(query: Readonly<Record<string, string>>): RunFilter {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = query[name]?.trim() ?? "";
      return value === "" ? [] : [[name, value]];
    }),
  );
}

/**
 * What the store is asked for a filter.
 *
 * @throws {RequestError} 400 with everything that is wrong with it.
 */
export function filterQuery({ pipeline, status, tag, sort }: RunFilter): RunQuery {
  const problems: string[] = [];
  const ofStatus = status === undefined ? {} : statusQuery(status);
  if (typeof ofStatus === "string") problems.push(ofStatus);
  const cut = tag?.indexOf("=") ?? -1;
  if (tag !== undefined && cut < 1) problems.push(`the tag "${tag}" has no "key=" in front`);
  if (problems.length > 0 || typeof ofStatus === "string") {
    throw new RequestError(400, {
      code: "request/bad-filter",
      what: "Cannot filter the runs",
      why: listProblems(problems),
      fix: `status is one of ${RUN_STATUSES.join(", ")}; a tag is written key=value`,
    });
  }
  return {
    ...ofStatus,
    ...(pipeline === undefined ? {} : { experiment: pipeline }),
    ...(tag === undefined
      ? {}
      : { tags: { ...ofStatus.tags, [tag.slice(0, cut)]: tag.slice(cut + 1) } }),
    ...(sort === undefined ? {} : { orderBy: { by: { metric: sort }, descending: true } }),
  };
}
