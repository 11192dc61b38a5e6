import { didYouMean, ExplainedError } from "../../pipeline/mod.ts";
import type { ModelCatalog } from "./model_catalog.ts";

/** What is asked to answer: whatever an alias points at, or one version. */
export type ServingTarget =
  | { readonly name: string; readonly alias: string }
  | { readonly name: string; readonly version: number };

/** The alias that answers when only a model is named. */
export const DEFAULT_ALIAS = "champion";

/** The target as people write it: `digits@champion`, `digits/3`. */
export function renderTarget(target: ServingTarget): string {
  return "alias" in target ? `${target.name}@${target.alias}` : `${target.name}/${target.version}`;
}

/**
 * Reads `digits`, `digits@candidate` or `digits/3`, where the name itself may hold `/` and `@`:
 * a model of exactly this name comes first.
 *
 * @throws {ExplainedError} `serving/unknown-model`, with the nearest name.
 */
export async function resolveTarget(text: string, catalog: ModelCatalog): Promise<ServingTarget> {
  const names = await catalog.listModels();
  if (names.includes(text)) return { name: text, alias: DEFAULT_ALIAS };
  const version = /^(.+)\/(\d{1,9})$/s.exec(text);
  if (version !== null && names.includes(version[1]!)) {
    return { name: version[1]!, version: Number(version[2]) };
  }
  const alias = /^(.+)@([^@]+)$/s.exec(text);
  if (alias !== null && names.includes(alias[1]!)) return { name: alias[1]!, alias: alias[2]! };
  throw unknownModel(version?.[1] ?? alias?.[1] ?? text, names);
}

/** Why a target cannot answer, told with what there is instead. */
export async function explainUnknown(
  target: ServingTarget,
  catalog: ModelCatalog,
): Promise<ExplainedError> {
  const { name } = target;
  const versions = await catalog.listVersions(name, { limit: NAMED + 1 });
  if (versions.length === 0) return unknownModel(name, await catalog.listModels());
  if ("version" in target) {
    return new ExplainedError("serving/unknown-version", {
      what: `Cannot find version ${target.version} of model "${name}"`,
      why: versions.length > NAMED
        ? `its newest versions are ${versions.slice(0, NAMED).join(", ")}`
        : `it has ${listed("version", versions.map(String))}`,
      fix: `Ask for one of them, or see them with \`deno task pipeline models show ${
        quoted(name)
      }\``,
    });
  }
  const aliases = (await catalog.listAliases())
    .filter((row) => row.name === name)
    .map((row) => row.alias);
  return new ExplainedError("serving/unknown-alias", {
    what: `Cannot find alias "${target.alias}" of model "${name}"`,
    why: aliases.length === 0
      ? "no version of it has an alias"
      : `it has ${listed("alias", aliases)}${didYouMean(target.alias, aliases)}`,
    fix:
      `Ask for a version, or set the alias with \`deno task pipeline models alias ${
        quoted(name)
      } ` +
      `${quoted(target.alias)} ${versions[0]}\``,
  });
}

function unknownModel(name: string, known: readonly string[]): ExplainedError {
  return new ExplainedError("serving/unknown-model", {
    what: `Cannot find model "${name}"`,
    why: known.length === 0
      ? "no model has been registered yet"
      : `the registry has ${listed("model", known)}${didYouMean(name, known)}`,
    fix: known.length === 0
      ? "Run a pipeline that registers one: `deno task pipeline run`"
      : "Use a name that `deno task pipeline models list` shows",
  });
}

/** Names that an explanation lists. */
const NAMED = 10;

function listed(noun: string, names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(", ");
  const rest = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  const plural = noun === "alias" ? "aliases" : `${noun}s`;
  return `${names.length === 1 ? noun : plural} ${shown}${rest}`;
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w.\-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
