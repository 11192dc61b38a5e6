import { deepEqual, equal } from "node:assert/strict";
import { relative, sep } from "node:path";
import * as door from "./mod.ts";
import { readModuleGraph } from "./runtime/cache/module_graph.ts";

const root = import.meta.dirname!;

/** What each folder may import. The longest matching folder decides. */
const allowed: Record<string, readonly string[]> = {
  "mod.ts": ["pipeline", "steps", "runtime"],
  "pipeline": ["pipeline"],
  "steps": ["pipeline", "steps"],
  "runtime": ["runtime", "pipeline", "deno.json"],
  "runtime/engine": ["runtime/engine", "pipeline"],
  "runtime/preprocessing": ["runtime/preprocessing", "pipeline"],
  "ui": ["ui", "runtime", "pipeline"],
  // What a user of the framework does is measured the way a user does it.
  "ui/bench": ["ui", "runtime", "pipeline", "mod.ts"],
  "configs": ["mod.ts", "configs", "runtime/engine/mod.ts"],
};

// Adding a name is a decision: it is what every user of the framework sees.
Deno.test("mod.ts exports exactly these names", () => {
  deepEqual(Object.keys(door).sort(), [
    "ExplainedError",
    "champion",
    "checkpoint",
    "dataset",
    "definePipeline",
    "defineStep",
    "evaluate",
    "file",
    "fineTune",
    "gate",
    "holdout",
    "loadPredictor",
    "newCheckpoint",
    "overlap",
    "path",
    "preprocess",
    "register",
    "run",
    "sample",
    "split",
    "startRun",
    "tokenize",
    "tokenizer",
    "train",
    "trainLinear",
    "url",
    "validate",
    "z",
  ]);
});

Deno.test("every module imports only what its folder may import", async () => {
  const breaches: string[] = [];
  for (const file of await sourceFiles(".")) {
    const rule = longestPrefix(file, Object.keys(allowed));
    if (rule === undefined) continue;
    for (const imported of await importsOf(file)) {
      const isAllowed = allowed[rule]!.some((prefix) => isUnder(imported, prefix));
      if (!isAllowed) breaches.push(`${file} imports ${imported}`);
    }
  }
  deepEqual(breaches, []);
});

Deno.test("only readSettings() and secrets read the environment", async () => {
  const readers: string[] = [];
  for (const file of await sourceFiles(".")) {
    const text = await Deno.readTextFile(`${root}/${file}`);
    if (/Deno\.env\b/.test(text)) readers.push(file);
  }
  deepEqual(readers.sort(), [
    "runtime/config/dot_env.ts",
    "runtime/settings.ts",
  ]);
});

// The short way of an unchanged run must not pay for what it does not need.
Deno.test("an unchanged run imports neither schemas, YAML, drizzle nor an engine", async () => {
  const graph = await readModuleGraph(`${root}/runtime/unchanged/repeat_run.ts`);
  const packages = [...graph.modules.values()].flatMap(({ npm }) => npm === undefined ? [] : [npm]);

  equal(packages.some((name) => name.startsWith("@libsql/client@")), true);
  const heavy = ["zod", "yaml", "commander", "onnxruntime", "hono", "pure-rand", "csv-parse"];
  deepEqual(packages.filter((name) => heavy.some((each) => name.startsWith(each))), []);
});

/** Source modules of the project, tests and fixtures left out. */
async function sourceFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (name.startsWith(".") || ["runs", "node_modules", "coverage"].includes(path)) continue;
    if (isDirectory) found.push(...await sourceFiles(path));
    else if (/\.tsx?$/.test(name) && !/_test\.tsx?$|^_/.test(name)) found.push(path);
  }
  return found;
}

/** Files of this project that a module imports, types included. */
async function importsOf(file: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`${root}/${file}`);
  const specifiers = [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;]*?\bfrom\s+"(\.{1,2}\/[^"]+)"/g),
    ...text.matchAll(/\bimport\(\s*"(\.{1,2}\/[^"]+)"\s*\)/g),
    ...text.matchAll(/(?:^|\n)import\s+"(\.{1,2}\/[^"]+)"/g),
  ].map(([, specifier]) => specifier!);
  return specifiers.map((specifier) => {
    const path = new URL(specifier, `file://${root}/${file}`).pathname;
    return relative(root, path).split(sep).join("/");
  });
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function longestPrefix(path: string, prefixes: readonly string[]): string | undefined {
  return prefixes.filter((prefix) => isUnder(path, prefix))
    .sort((a, b) => b.length - a.length)[0];
}
