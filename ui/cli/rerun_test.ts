import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import type { Plan } from "../../runtime/executor/plan_run.ts";
import type { NodeExplanation } from "../../runtime/executor/explain_node.ts";
import type { RunSummary } from "../../runtime/executor/run_summary.ts";
import { projectRoot } from "../../runtime/settings.ts";

const root = projectRoot(import.meta.dirname!);

/** What a copy of the project needs to run `iris`. */
const PARTS = [
  "pipeline",
  "steps",
  "runtime",
  "ui",
  "configs/iris",
  "mod.ts",
  "deno.json",
  "deno.lock",
];

/** A copy of the framework that a test may edit, with a store of its own. */
async function openCopy() {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok-test-" }));
  for (const part of PARTS) await copy(join(root, part), join(folder, part));
  const command = async <T>(...args: readonly string[]): Promise<T> => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", "--no-check", "ui/cli/main.ts", ...args, "--json"],
      cwd: folder,
      env: { HANOK_STORE: join(folder, "runs"), INIT_CWD: folder, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    equal(text.trimStart().startsWith("{"), true, `${text}${new TextDecoder().decode(stderr)}`);
    return JSON.parse(text) as T;
  };
  return {
    run: (...args: readonly string[]) => command<RunSummary>("run", "iris", ...args),
    plan: () => command<Plan>("plan", "iris"),
    explain: (node: string) => command<NodeExplanation>("explain", node),
    edit: async (path: string, change: (text: string) => string) => {
      const text = await Deno.readTextFile(join(folder, path));
      const changed = change(text);
      equal(changed === text, false, `the edit of ${path} changes nothing`);
      await Deno.writeTextFile(join(folder, path), changed);
    },
    write: (path: string, text: string) => Deno.writeTextFile(join(folder, path), text),
    rename: (from: string, to: string) => Deno.rename(join(folder, from), join(folder, to)),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(join(to, ".."), { recursive: true });
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  for await (const { name } of Deno.readDir(from)) {
    const isLeftOut = /_test\.tsx?$/.test(name) || name === "testdata" || name === "__snapshots__";
    if (!isLeftOut) await copy(join(from, name), join(to, name));
  }
}

function ran({ steps }: RunSummary): string[] {
  return steps.filter(({ status }) => status !== "cached").map(({ node }) => node);
}

Deno.test("what is edited runs again, and nothing else", async (t) => {
  await using project = await openCopy();
  const first = await project.run();
  equal(first.status, "succeeded");
  deepEqual(ran(await project.run()), []);

  await t.step("a file that no step uses is renamed: nothing runs", async () => {
    await project.write("notes.ts", "export const note = 1;\n");
    await project.rename("notes.ts", "remarks.ts");
    deepEqual(ran(await project.run()), []);
  });

  await t.step(
    "an edit in runtime/engine/optimizers re-runs train and nothing before it",
    async () => {
      await project.edit("runtime/engine/optimizers/sgd.ts", (text) => `${text}// edited\n`);

      const plan = await project.plan();
      const action = (node: string) => plan.nodes.find((each) => each.node === node)?.action;
      deepEqual(["dataset", "split", "preprocess", "train"].map(action), [
        "cached",
        "cached",
        "cached",
        "run",
      ]);
      const again = await project.run();

      // The same weights come out: what reads the model and not the engine is cached (early cut-off).
      deepEqual(ran(again), ["train", "evaluate"]);
      const { differences } = await project.explain("train");
      deepEqual(differences.map(({ part, name }) => `${part} ${name}`), [
        "environment runtime/engine/optimizers/sgd.ts",
      ]);
    },
  );

  await t.step("a comment in a step's helper re-runs that step and no other", async () => {
    await project.edit("steps/preprocess/auto_features.ts", (text) => `// a remark\n${text}`);

    deepEqual(ran(await project.run()), ["preprocess"]);
    const { differences, reason } = await project.explain("preprocess");
    deepEqual(differences.map(({ part, name }) => `${part} ${name}`), [
      "code steps/preprocess/auto_features.ts",
    ]);
    equal(reason, "code steps/preprocess/auto_features.ts changed");
  });

  await t.step(
    "a comment in the pipeline's own module re-runs nothing: no step lives there",
    async () => {
      await project.edit("configs/iris/pipeline.ts", (text) => `// a remark\n${text}`);
      deepEqual(ran(await project.run()), []);
    },
  );

  await t.step("a changed value runs what uses it, and explain tells old and new", async () => {
    deepEqual(ran(await project.run("--set", "min_accuracy=0.5")), ["gate", "register"]);
    const { differences } = await project.explain("gate");
    deepEqual(differences, [{
      part: "params",
      name: "at_least.accuracy",
      before: 0.95,
      after: 0.5,
    }]);
  });

  await t.step("a changed data file runs what depends on its rows", async () => {
    await project.edit(
      "configs/iris/iris.csv",
      (text) => `${text.trimEnd()}\n`.replace("5.1,", "5.2,"),
    );
    equal(ran(await project.run()).includes("dataset"), true);
    const { differences } = await project.explain("dataset");
    deepEqual(differences.map(({ part, name }) => `${part} ${name}`), ["reads file iris.csv"]);
  });
});
