import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ExplainedError } from "../../pipeline/mod.ts";
import { type ModuleGraph, openModuleGraphs, readModuleGraph } from "./module_graph.ts";

async function openFolder(files: Readonly<Record<string, string>>) {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok-test-" }));
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  return {
    path: (name: string) => join(folder, name),
    url: (name: string) => pathToFileURL(join(folder, name)).href,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("readModuleGraph() follows imports, dynamic ones too, and leaves types out", async () => {
  await using folder = await openFolder({
    "deno.json": "{}",
    "main.ts":
      'import { a } from "./a.ts";\nimport type { T } from "./t.ts";\nexport const b: T = a;\nexport const c = () => import("./c.ts");',
    "a.ts": "export const a = 1;",
    "c.ts": "export const c = 1;",
    "t.ts": "export type T = number;",
  });

  const { modules } = await readModuleGraph(folder.path("main.ts"));

  deepEqual(modules.get(folder.url("main.ts"))?.imports, [folder.url("a.ts"), folder.url("c.ts")]);
});

Deno.test("readModuleGraph() says which module cannot be read", async () => {
  await using folder = await openFolder({ "deno.json": "{", "main.ts": "export {};" });

  await rejects(readModuleGraph(folder.path("main.ts")), (error: ExplainedError) => {
    equal(error.code, "code/unreadable-graph");
    return error.what.includes("main.ts");
  });
});

Deno.test("openModuleGraphs() reads a graph once, the roots' first", async () => {
  const read: string[] = [];
  const inMain = "file:///project/in_main.ts";
  const graphOf = openModuleGraphs(["/project/main.ts"], (root): Promise<ModuleGraph> => {
    read.push(root);
    const names = root === "/project/main.ts" ? [inMain] : [`file://${root}`];
    const modules = new Map(names.map((name) => [name, { imports: [] }]));
    return Promise.resolve({ modules, npmDependencies: new Map() });
  });

  const graphs = await Promise.all([
    graphOf(inMain),
    graphOf(inMain),
    graphOf("file:///project/alone.ts"),
    graphOf("file:///project/alone.ts"),
  ]);

  deepEqual(read, ["/project/main.ts", "/project/alone.ts"]);
  equal(graphs[0], graphs[1]);
  equal(graphs[2], graphs[3]);
});
