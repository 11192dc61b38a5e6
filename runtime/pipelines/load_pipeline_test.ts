import { equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ExplainedError } from "../../pipeline/mod.ts";
import { findConfig } from "./find_config.ts";
import { findPipeline, loadPipeline } from "./load_pipeline.ts";

const language = pathToFileURL(join(import.meta.dirname!, "../../pipeline/mod.ts")).href;
const PIPELINE = `import { definePipeline } from ${JSON.stringify(language)};
export default definePipeline({
  name: "test",
  config: { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } },
  build: () => ({}),
});`;

async function openProject(files: Readonly<Record<string, string>>) {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok test 한글 " }));
  for (const [name, text] of Object.entries({ "deno.json": "{}", ...files })) {
    const path = join(folder, name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

Deno.test("loadPipeline() finds a name in configs/, a path, a folder, and pipeline.ts where one stands", async () => {
  await using project = await openProject({
    "configs/한글/pipeline.ts": PIPELINE,
    "pipeline.ts": PIPELINE,
  });
  const cwd = project.folder;
  const named = join(cwd, "configs/한글/pipeline.ts");

  equal(await findPipeline("한글", cwd), named);
  equal(await findPipeline("configs/한글/pipeline.ts", cwd), named);
  equal(await findPipeline("configs\\한글\\pipeline.ts", cwd), named);
  equal(await findPipeline("./configs/한글", cwd), named);
  equal(await findPipeline(undefined, cwd), join(cwd, "pipeline.ts"));
  equal(await findPipeline(undefined, join(cwd, "configs/한글")), named);
  equal((await loadPipeline("한글", { cwd })).pipeline.name, "test");
});

Deno.test("loadPipeline() says which names there are", async () => {
  await using project = await openProject({
    "configs/digits/pipeline.ts": PIPELINE,
    "broken.ts": "export default 3 +;",
    "empty.ts": "export default 3;",
  });
  const cwd = project.folder;

  await rejects(() => loadPipeline("digts", { cwd }), (error: ExplainedError) => {
    equal(error.code, "pipeline/unknown");
    equal(error.why.endsWith('(did you mean "digits"?)'), true);
    equal(error.fix.includes("Known pipelines: digits"), true);
    return true;
  });
  await rejects(() => loadPipeline("./broken.ts", { cwd }), { code: "pipeline/cannot-import" });
  await rejects(() => loadPipeline("./empty.ts", { cwd }), { code: "pipeline/no-default-export" });
});

Deno.test("findConfig() takes default.yaml, the only file, the marked one, a name or a path", async () => {
  await using project = await openProject({
    "a/default.yaml": "",
    "a/fast.yaml": "",
    "b/only.yml": "",
    "c/one.yaml": "",
    "c/two.yaml": "",
    "d/large.yaml": "",
    "d/small.yaml": "# default: small\n",
  });
  const at = (name: string) => join(project.folder, name);

  equal(await findConfig(at("a"), undefined, project.folder), at("a/default.yaml"));
  equal(await findConfig(at("a"), "fast", project.folder), at("a/fast.yaml"));
  equal(await findConfig(at("a"), "b/only.yml", project.folder), at("b/only.yml"));
  equal(await findConfig(at("b"), undefined, project.folder), at("b/only.yml"));
  equal(await findConfig(at("c"), undefined, project.folder), undefined);
  equal(await findConfig(at("d"), undefined, project.folder), at("d/small.yaml"));
  await rejects(() => findConfig(at("a"), "fats", project.folder), (error: ExplainedError) => {
    equal(error.code, "config/unknown");
    equal(error.fix, "Known configs: default, fast");
    return true;
  });
});
