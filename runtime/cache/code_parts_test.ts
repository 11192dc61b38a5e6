import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FRAMEWORK_FOLDER, openCodeHasher } from "./code_parts.ts";
import { explainKey, renderDifferences } from "./explain_key.ts";
import { readModuleGraph } from "./module_graph.ts";

/** Writes a project and returns a function that gives the parts of one of its modules. */
async function openProject(files: Readonly<Record<string, string>>) {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok-test-" }));
  const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
  const door = pathToFileURL(join(FRAMEWORK_FOLDER, "mod.ts")).href;
  const imports = { hanok: door, yaml: "npm:yaml@2.9.1" };
  await write("deno.json", JSON.stringify({ imports }));
  for (const [name, text] of Object.entries(files)) await write(name, text);
  return {
    folder,
    write,
    async partsOf(name: string, integrity: readonly (readonly [string, string])[] = []) {
      const path = join(folder, name);
      const around = {
        projectFolder: folder,
        integrity: () => Promise.resolve(new Map(integrity)),
      };
      const hasher = openCodeHasher(around, "1.2.3", () => {});
      return await hasher.partsOf(pathToFileURL(path).href, await readModuleGraph(path));
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("partsOf() names every module that a step imports, however deep, and no type", async () => {
  await using project = await openProject({
    "step.ts":
      'import { a } from "./a.ts"; import type { T } from "./types.ts"; export const s: T = a;',
    "a.ts": 'import { b } from "./b.ts"; export const a = b;',
    "b.ts": 'export const b = (await import("./late.ts")).late;',
    "late.ts": "export const late = 1;",
    "types.ts": "export type T = number;",
    "unrelated.ts": "export {};",
  });

  const parts = await project.partsOf("step.ts");

  deepEqual(Object.keys(parts), ["a.ts", "b.ts", "late.ts", "step.ts"]);
});

Deno.test("an edit two imports below a step changes exactly the part of that file", async () => {
  await using project = await openProject({
    "step.ts": 'import { a } from "./a.ts"; export const s = a;',
    "a.ts": 'import { b } from "./b.ts"; export const a = b;',
    "b.ts": "export const b = 1;",
  });
  const before = await project.partsOf("step.ts");

  await project.write("b.ts", "export const b = 2;");
  await project.write("unrelated.ts", "export const u = 1;");
  const after = await project.partsOf("step.ts");

  const rest = { step: "s", params: {}, inputs: {}, reads: {}, environment: {} };
  const differences = explainKey({ ...rest, code: before }, { ...rest, code: after });
  equal(renderDifferences(differences), "code b.ts changed");
});

Deno.test("an import of the framework counts as its version and the language, not as all behind it", async () => {
  await using project = await openProject({
    "step.ts": 'import { defineStep } from "hanok"; export const s = defineStep;',
  });

  const parts = await project.partsOf("step.ts");

  deepEqual(Object.keys(parts), ["hanok@1.2.3", "step.ts"]);
});

Deno.test("an upgraded npm package changes the key, by version and by integrity", async () => {
  await using project = await openProject({
    "step.ts": 'import { parse } from "yaml"; export const s = parse;',
  });

  const before = await project.partsOf("step.ts", [["yaml@2.9.1", "sha512-one"]]);
  const after = await project.partsOf("step.ts", [["yaml@2.9.1", "sha512-two"]]);

  equal(before["npm:yaml@2.9.1"], "sha512-one");
  equal(after["npm:yaml@2.9.1"], "sha512-two");
});

Deno.test("a built-in step is keyed by its own modules and the language", async () => {
  const path = join(FRAMEWORK_FOLDER, "runtime/_toy_runs.ts");
  const around = { projectFolder: FRAMEWORK_FOLDER, integrity: () => Promise.resolve(new Map()) };
  const hasher = openCodeHasher(around, "1.2.3", () => {});

  const parts = await hasher.partsOf(pathToFileURL(path).href, await readModuleGraph(path));

  equal("pipeline/step.ts" in parts, true);
  equal("runtime/_toy_runs.ts" in parts, true);
});
