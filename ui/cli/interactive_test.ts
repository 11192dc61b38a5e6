import { deepEqual, equal, match } from "node:assert/strict";
import { openTestProject, type TestProject } from "./_test_project.ts";

/** Registers a model of a few bytes; its size is what a gate would measure. */
const PIPELINE = `
import { definePipeline, defineStep, z } from "hanok";

const publish = defineStep({
  module: import.meta.url, name: "register", inputs: {}, outputs: { version: "version" }, effects: true,
  params: z.object({ bytes: z.string() }),
  run: async (context, _inputs, { bytes }) => {
    const model = await context.artifacts.folder({ "model.onnx": bytes });
    const request = { name: "toy", model, metrics: { accuracy: 0.9 }, promote: "auto" };
    const { name, version } = await context.registry.register(request);
    return { version: { name, version } };
  },
});

export default definePipeline({
  name: "toy",
  config: z.object({ bytes: z.string().default("one") }),
  build: ({ bytes }) => publish("register", { params: { bytes } }),
});
`;

const DOWN = "\x1b[B";
const ENTER = "\r";
const CTRL_C = "\x03";

/** Answers the question of a run with keys and returns its exit code and what it printed. */
async function answer(project: TestProject, keys: string, ...args: string[]) {
  await using terminal = project.startOnTerminal(["run", "--interactive", ...args]);
  await terminal.until("No");
  await terminal.press(keys);
  return { code: await terminal.code, printed: terminal.printed() };
}

async function versions(project: TestProject) {
  const { out } = await project.cli(["models", "show", "toy", "--json"]);
  return (JSON.parse(out).versions as { version: number; aliases: string[] }[])
    .map(({ version, aliases }) => [version, aliases] as const);
}

Deno.test({
  name: "run --interactive asks before it registers, and does what the person answers",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using project = await openTestProject({ "pipeline.ts": PIPELINE });

    await t.step("no: the run is kept, nothing is registered", async () => {
      const { code, printed } = await answer(project, DOWN + DOWN + ENTER);

      match(printed, /Register toy\?[^]*accuracy[^]*it has no champion yet/);
      equal(code, 0, printed);
      match((await project.cli(["models", "show", "toy"])).err, /no model is registered yet/);
    });

    await t.step("yes, as champion", async () => {
      const { code, printed } = await answer(project, ENTER);

      equal(code, 0, printed);
      deepEqual(await versions(project), [[1, ["candidate", "champion"]]]);
    });

    await t.step("the same again: nothing is asked, and it says why", async () => {
      await using terminal = project.startOnTerminal(["run", "--interactive"]);

      equal(await terminal.code, 0, terminal.printed());
      match(terminal.printed(), /Nothing was asked: toy version 1 is registered already/);
      match(terminal.printed(), /--interactive --force register/);
    });

    await t.step("yes, as candidate: the champion stays", async () => {
      const { code, printed } = await answer(project, DOWN + ENTER, "--set", "bytes=two");

      match(printed, /replaces version 1/);
      equal(code, 0, printed);
      deepEqual(await versions(project), [[2, ["candidate"]], [1, ["champion"]]]);
    });

    await t.step("Ctrl-C cancels the run, and nothing is registered", async () => {
      const { code, printed } = await answer(project, CTRL_C, "--set", "bytes=three");

      equal(code, 130, printed);
      equal((await versions(project)).length, 2);
    });

    await t.step("a run that is stopped from elsewhere asks no more", async () => {
      const args = ["run", "--interactive", "--set", "bytes=four", "--name", "asking"];
      await using terminal = project.startOnTerminal(args);
      await terminal.until("No");
      const { code, err } = await project.cli(["runs", "stop", "asking"]);

      equal(code, 0, err);
      equal(await terminal.code, 130, terminal.printed());
      equal((await versions(project)).length, 2);
    });
  },
});
