import { invalid } from "./mlflow_error.ts";
import { readName } from "./read_name.ts";
import type { OrderTerm, SearchTerms } from "./search_terms.ts";

/**
 * Reads the keys of an order: a name and, optionally, `ASC` or `DESC`.
 *
 * @throws {MlflowError} `INVALID_PARAMETER_VALUE`, also for a key that comes twice.
 */
export function parseOrder(orderBy: readonly string[], terms: SearchTerms): OrderTerm[] {
  const order = orderBy.map((text) => parseTerm(text, terms));
  const seen = new Set<string>();
  for (const { entity, key } of order) {
    const id = `${entity}.${key}`;
    if (seen.has(id)) {
      throw invalid(`\`order_by\` contains duplicate fields: ${JSON.stringify(orderBy)}`);
    }
    seen.add(id);
  }
  return order;
}

function parseTerm(text: string, terms: SearchTerms): OrderTerm {
  const parts = /^\s*(\S.*?)(?:\s+(asc|desc))?\s*$/is.exec(text);
  const name = parts?.[1] ?? "";
  const unquoted = name.replaceAll(/`[^`]*`|"[^"]*"/g, "");
  const isAlias = Object.hasOwn(terms.aliases ?? {}, name);
  if (name === "" || (/[\s,`"]/.test(unquoted) && !isAlias)) {
    throw invalid(`Invalid order_by clause '${text}'. Could not be parsed.`);
  }
  const { entity, key } = readName(name, terms, terms.orderable);
  if (entity === "dataset") {
    throw invalid(`Invalid order_by clause '${text}'. Runs cannot be ordered by a dataset.`);
  }
  return { entity, key, descending: parts?.[2]?.toLowerCase() === "desc" };
}
