import type { Json } from "../../pipeline/mod.ts";

/** One value of a config, as a form shows it. */
export interface ConfigField {
  /** `training.epochs` */
  readonly key: string;
  readonly kind: "text" | "number" | "boolean" | "other";
  /** As it stands in a field; a list is JSON. */
  readonly text: string;
  /** The remark beside it in the file. */
  readonly hint: string;
}

/**
 * The single values of a YAML file, in its order. A file that is no YAML has none: the run tells what is wrong with it.
 */
export async function readConfigFields(text: string): Promise<readonly ConfigField[]> {
  const { isMap, isScalar, parseDocument } = await import("yaml");
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0) return [];
  const fieldsOf = (node: unknown, path: readonly string[]): readonly ConfigField[] => {
    if (!isMap(node)) return [];
    return node.items.flatMap(({ key, value }) => {
      const here = [...path, String(isScalar(key) ? key.value : key)];
      if (isMap(value) && value.items.length > 0) return fieldsOf(value, here);
      const json = (value as { toJS(of: unknown): Json } | null)?.toJS(document) ?? null;
      const hint = (value as { comment?: string | null } | null)?.comment?.trim() ?? "";
      return [{ key: here.join("."), ...fieldOf(json), hint }];
    });
  };
  return fieldsOf(document.contents, []);
}

function fieldOf(value: Json): Pick<ConfigField, "kind" | "text"> {
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "number") return { kind: "number", text: String(value) };
  if (typeof value === "boolean") return { kind: "boolean", text: String(value) };
  return { kind: "other", text: value === null ? "" : JSON.stringify(value) };
}

/**
 * What `--set` takes for a field that somebody changed; `undefined` for one that stands as it did. A text stays a text
 * whatever it looks like: `1.0`, `no`.
 */
export function changeOf({ key, kind, text }: ConfigField, given: string): string | undefined {
  if (given === text || (kind !== "text" && given.trim() === text)) return undefined;
  if (kind === "text") return `${key}=${JSON.stringify(given)}`;
  return `${key}=${given.trim() === "" ? "null" : given.trim()}`;
}
