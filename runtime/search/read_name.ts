import { invalid } from "./mlflow_error.ts";
import { DATASET_KEYS, type Entity, type SearchTerms } from "./search_terms.ts";
import { unquote } from "./tokens.ts";

/** Entities as MLflow tells of them, in its order. */
const IN_WORDS: readonly (readonly [Entity, string])[] = [
  ["metric", "metric"],
  ["param", "parameter"],
  ["tag", "tag"],
  ["attribute", "attribute"],
  ["dataset", "dataset"],
];

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
  const known = IN_WORDS.filter(([entity]) => Object.values(entities).includes(entity));
  const words = known.map(([, word]) => word);
  throw invalid(`Invalid entity type '${written}'. Valid values are ${quoted(words)}`);
}

/** MLflow's word for an entity, in what it says of a filter. */
export function entityWord(entity: Entity): string {
  return IN_WORDS.find(([each]) => each === entity)![1];
}

function quoted(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(", ")}]`;
}
