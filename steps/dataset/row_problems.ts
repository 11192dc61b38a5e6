import { ExplainedError, listProblems } from "../../pipeline/mod.ts";

/** Problems that are described; the others are only counted. */
const DESCRIBED_PROBLEMS = 10;

/** What is wrong with the rows of a file, collected while it is read. */
export interface RowProblems {
  add(problem: string, fix: string): void;
  /** @throws {ExplainedError} `dataset/bad-rows` with every problem, when there is one. */
  refuse(shown: string): void;
}

/** Begins to collect. */
export function openRowProblems(): RowProblems {
  const problems: string[] = [];
  const fixes: string[] = [];
  let count = 0;
  return {
    add(problem, fix) {
      if (++count <= DESCRIBED_PROBLEMS) problems.push(problem);
      if (!fixes.includes(fix)) fixes.push(fix);
    },
    refuse(shown) {
      if (count === 0) return;
      throw new ExplainedError("dataset/bad-rows", {
        what: `Cannot read ${shown}`,
        why: listProblems(problems, count),
        fix: fixes.join(". "),
      });
    },
  };
}
