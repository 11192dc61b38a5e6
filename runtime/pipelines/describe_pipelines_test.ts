import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { describePipelines } from "./describe_pipelines.ts";

Deno.test("describePipelines() tells what a project can run, and imports nothing of it", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok test 한글 " }));
  const files = {
    "pipeline.ts": "throw new Error('imported');",
    "configs/default.yaml": "a: 1 # one\n",
    "configs/large/pipeline.ts": "",
    "configs/large/huge.yaml": `a: ${"x".repeat(64_000)}`,
    "configs/한글/pipeline.ts": "",
    "configs/한글/one.yaml": "b: 2",
    "configs/한글/two.yml": "# default\n",
    "configs/no pipeline/one.yaml": "",
  };
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(join(root, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(root, path), text);
  }

  const found = await describePipelines(root);

  deepEqual(
    found.map(({ name, shownPath, configs }) => [
      name,
      shownPath,
      configs.map(({ name, isDefault, text }) => [name, isDefault, text]),
    ]),
    [
      ["pipeline.ts", "pipeline.ts", [["default", true, "a: 1 # one\n"]]],
      ["large", "configs/large/pipeline.ts", [["huge", true, null]]],
      ["한글", "configs/한글/pipeline.ts", [["one", false, "b: 2"], ["two", true, "# default\n"]]],
    ],
  );
  equal(found[0]?.path, join(root, "pipeline.ts"));
  deepEqual(await describePipelines(join(root, "configs/no pipeline")), []);
  await Deno.remove(root, { recursive: true });
});
