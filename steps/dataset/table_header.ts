import { didYouMean, ExplainedError, listProblems } from "../../pipeline/mod.ts";
import type { SourceField } from "./source_record.ts";
import type { TableRules } from "./survey_table.ts";

/**
 * Column names of a header line, or of the keys of JSON lines.
 *
 * @throws {ExplainedError} `dataset/bad-header` or `dataset/missing-column`, with every problem.
 */
export function checkHeader(fields: readonly SourceField[], rules: TableRules): string[] {
  const names = fields.map((field) => String(field ?? ""));
  const problems = headerProblems(names);
  if (problems.length > 0) {
    throw new ExplainedError("dataset/bad-header", {
      what: `Cannot read ${rules.shown}`,
      why: listProblems([...problems, ...missingColumns(names, rules)]),
      fix:
        "Give every column a name of its own, in the first line of the file (in JSON lines: as key)",
    });
  }
  checkColumns(names, rules);
  return names;
}

/** Checks that every column the rules name is there. */
function checkColumns(names: readonly string[], rules: TableRules): void {
  const problems = missingColumns(names, rules);
  if (problems.length === 0) return;
  throw new ExplainedError("dataset/missing-column", {
    what: `Cannot read ${rules.shown}`,
    why: listProblems(problems),
    fix: `Use the names of its columns: ${names.slice(0, 20).join(", ")}${
      names.length > 20 ? " …" : ""
    }`,
  });
}

/** Names that are empty, occur twice, or cannot be used. */
function headerProblems(names: readonly string[]): string[] {
  const problems: string[] = [];
  const first = new Map<string, number>();
  names.forEach((name, i) => {
    const before = first.get(name);
    if (name.trim() === "") problems.push(`column ${i + 1} has no name`);
    else if (before !== undefined) {
      problems.push(`columns ${before + 1} and ${i + 1} are both named "${name}"`);
    } else if (name === "__proto__") {
      problems.push(`column ${i + 1} is named "__proto__", which JavaScript keeps for itself`);
    } else if (name.includes("\r")) {
      problems.push(`column ${i + 1} holds a lone carriage return: lines end with LF or CRLF`);
    } else first.set(name, i);
  });
  return problems;
}

function missingColumns(names: readonly string[], rules: TableRules): string[] {
  const wanted: readonly [string, readonly string[]][] = [
    ["label", rules.label === undefined ? [] : [rules.label]],
    ["columns", Object.keys(rules.columns)],
    ["values", Object.keys(rules.values)],
    ["drop_empty", rules.dropEmpty],
  ];
  return wanted.flatMap(([param, columns]) =>
    columns.filter((name) => !names.includes(name)).map((name) =>
      `there is no column "${name}", which \`${param}\` names${didYouMean(name, names)}`
    )
  );
}
