import { invalid } from "./mlflow_error.ts";
import { DATASET_KEYS, type Entity, type SearchTerms } from "./search_terms.ts";
import { unquote } from "./tokens.ts";

/**
 * Reads a name as filters and orders write it: `metrics.loss`, params."a b", `start_time`.
 *
 * @throws {MlflowError} For an entity or attribute that cannot be searched by.
 */
export function readName(
  name: string,
  terms: SearchTerms,
  attributes: readonly string[] = Object.keys(terms.attributes),
): { entity: Entity; key: string } {
  const parts = /^(`[^`]*`|"(?:[^"]|"")*"|[^.`"]+)\.(.+)$/s.exec(name);
  const entity = parts === null ? "attribute" : entityOf(unquote(parts[1]!), terms);
  const written = unquote(parts === null ? name : parts[2]!);
  if (entity === "dataset" && !DATASET_KEYS.includes(written)) {
    throw invalid(
      `Invalid dataset key '${written}' specified. Valid keys are '${quoted(DATASET_KEYS)}'`,
    );
  }
  if (entity !== "attribute") return { entity, key: written };
  const { aliases = {} } = terms;
  const key = Object.hasOwn(aliases, written) ? aliases[written]! : written;
  if (attributes.includes(key)) return { entity, key };
  throw invalid(
    `Invalid attribute key '${written}' specified. Valid keys are '${quoted(attributes)}'`,
  );
}

function entityOf(written: string, { entities }: SearchTerms): Entity {
  if (Object.hasOwn(entities, written)) return entities[written]!;
  const known = [...new Set(Object.values(entities))];
  throw invalid(`Invalid entity type '${written}'. Valid values are ${quoted(known)}`);
}

function quoted(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(", ")}]`;
}
