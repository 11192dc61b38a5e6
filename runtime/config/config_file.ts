import { type Document, isMap, isNode, isPair, isSeq, LineCounter, parseDocument } from "yaml";
import { ExplainedError, type Json } from "../../pipeline/mod.ts";

/** A parsed YAML file that still knows its lines. */
export interface ConfigFile {
  readonly path: string;
  readonly value: Json;
  /** Syntax errors, each with file, line and column. */
  readonly problems: readonly string[];
  /** `path:line` of a key, or of its nearest parent that is in the file. */
  locate(path: readonly string[]): string;
  /** Whether the file gives a value at this path. */
  has(path: readonly string[]): boolean;
}

/**
 * Reads a YAML config.
 *
 * @throws {ExplainedError} `config/unreadable` when the file is missing or cannot be read.
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new ExplainedError("config/unreadable", {
      what: `Cannot read the config ${path}`,
      why: cause instanceof Deno.errors.NotFound
        ? "there is no such file"
        : (cause as Error).message,
      fix: "Name an existing YAML file with --config",
      cause,
    });
  }
  return parseConfig(path, text);
}

/** Parses the text of a YAML config. */
export function parseConfig(path: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${path}:${line}:${col}: not YAML: ${error.message}`;
  });
  let value: Json = {};
  if (problems.length === 0) {
    try {
      value = (document.toJS({ maxAliasCount: 100 }) ?? {}) as Json;
      JSON.stringify(value);
    } catch (error) {
      // An alias inside what it stands for, or so many that the file would fill the memory.
      const why = error instanceof ReferenceError ? error.message : "an alias holds itself";
      problems.push(`${path}: not usable: ${why}`);
      value = {};
    }
  }
  return {
    path,
    value,
    problems,
    locate: (keys) => `${path}:${lineOf(document, lines, keys)}`,
    has: (keys) => document.hasIn(keys.map(indexOrKey)),
  };
}

function lineOf(document: Document, lines: LineCounter, keys: readonly string[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && String(item.key) === key);
      if (pair === undefined) break;
      offset = isNode(pair.key) ? pair.key.range?.[0] ?? offset : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      if (!isNode(node)) break;
      offset = node.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}

function indexOrKey(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key;
}
