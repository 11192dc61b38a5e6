import { z } from "zod";
import type { ParamsSchema } from "../../pipeline/mod.ts";
import { PATH_FORMAT } from "../../pipeline/path.ts";

/** The part of a JSON schema that is walked here. */
interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** An unknown key of a config. */
export interface UnknownKey {
  readonly path: readonly string[];
  readonly known: readonly string[];
}

/** What can be asked of a config's schema beside validation. */
export interface SchemaFacts {
  unknownKeys(value: unknown): readonly UnknownKey[];
  /** Paths in `value` that the schema marks with `path()`. */
  pathsIn(value: unknown): readonly (readonly string[])[];
}

/** Facts of a zod schema; of another library's schema nothing is known. */
export function schemaFacts(schema: ParamsSchema<unknown, unknown>): SchemaFacts {
  if (!(schema instanceof z.ZodType)) return { unknownKeys: () => [], pathsIn: () => [] };
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const resolve = (each: JsonSchema): readonly JsonSchema[] => {
    if (each.$ref !== undefined) {
      const target = each.$ref === "#" ? root : root.$defs?.[each.$ref.replace("#/$defs/", "")];
      return target === undefined ? [] : resolve(target);
    }
    const parts = [...(each.anyOf ?? []), ...(each.oneOf ?? []), ...(each.allOf ?? [])];
    return parts.length > 0 ? [each, ...parts.flatMap(resolve)] : [each];
  };
  return {
    unknownKeys: (value) => findUnknown(value, [root], [], resolve),
    pathsIn: (value) => findPaths(value, [root], [], resolve),
  };
}

type Resolve = (schema: JsonSchema) => readonly JsonSchema[];

/** A key is known when any of the alternatives that apply knows it. */
function findUnknown(
  value: unknown,
  schemas: readonly JsonSchema[],
  path: readonly string[],
  resolve: Resolve,
): readonly UnknownKey[] {
  const alternatives = schemas.flatMap(resolve);
  if (Array.isArray(value)) {
    const items = alternatives.flatMap(({ items }) => items ?? []);
    return value.flatMap((item, i) => findUnknown(item, items, [...path, String(i)], resolve));
  }
  if (typeof value !== "object" || value === null) return [];
  const objects = alternatives.filter(({ properties }) => properties !== undefined);
  const isOpen = objects.length === 0 ||
    alternatives.some(({ additionalProperties: more }) =>
      typeof more === "object" || more === true
    );
  const known = objects.flatMap(({ properties }) => Object.keys(properties!));
  return Object.entries(value).flatMap(([key, item]) => {
    const under = childrenOf(alternatives, key);
    if (under.length > 0) return findUnknown(item, under, [...path, key], resolve);
    return isOpen || known.includes(key) ? [] : [{ path: [...path, key], known }];
  });
}

function findPaths(
  value: unknown,
  schemas: readonly JsonSchema[],
  path: readonly string[],
  resolve: Resolve,
): readonly (readonly string[])[] {
  const alternatives = schemas.flatMap(resolve);
  if (typeof value === "string") {
    const isAddress = /^https?:\/\//i.test(value); // it starts nowhere on this machine
    return !isAddress && alternatives.some(({ format }) => format === PATH_FORMAT) ? [path] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const under = Array.isArray(value)
      ? alternatives.flatMap(({ items }) => items ?? [])
      : childrenOf(alternatives, key);
    return findPaths(item, under, [...path, key], resolve);
  });
}

function childrenOf(schemas: readonly JsonSchema[], key: string): readonly JsonSchema[] {
  return schemas.flatMap(({ properties, additionalProperties }) => {
    const property = properties !== undefined && Object.hasOwn(properties, key)
      ? properties[key]
      : undefined;
    if (property !== undefined) return [property];
    return typeof additionalProperties === "object" ? [additionalProperties] : [];
  });
}
