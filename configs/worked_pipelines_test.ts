import { deepEqual, equal, match, ok } from "node:assert/strict";
import { parse } from "yaml";
import { buildGraph, checkParams, type Json, type Pipeline } from "../pipeline/mod.ts";
import { findGpuAdapter } from "../runtime/engine/mod.ts";
import { openSandbox } from "../runtime/_toy_runs.ts";
import type { RunOptions } from "../runtime/run_options.ts";
import { type CompletedRun, runPipeline } from "../runtime/run_pipeline.ts";
import type { Settings } from "../runtime/settings.ts";
import churn from "./churn/pipeline.ts";
import digits from "./digits/pipeline.ts";
import iris from "./iris/pipeline.ts";

const pipelines: Readonly<Record<string, Pipeline>> = { churn, digits, iris };

/** Runs a worked pipeline with its default.yaml, as the command line does. */
function runWorked(
  name: string,
  settings: Settings,
  options: RunOptions = {},
): Promise<CompletedRun> {
  const path = `${import.meta.dirname}/${name}/pipeline.ts`;
  return runPipeline({ pipeline: pipelines[name]!, path }, { engine: "cpu", ...options }, {
    settings,
  });
}

/** The defaults of a pipeline's config, `given` put over them. */
function resolve({ config }: Pipeline, given: unknown): Json {
  const result = checkParams(config, given);
  if (result.issues !== undefined) throw new TypeError(JSON.stringify(result.issues));
  return result.value as Json;
}

function statusOf({ summary }: CompletedRun): Record<string, string> {
  return Object.fromEntries(summary.steps.map(({ node, status }) => [node, status]));
}

for (const [name, pipeline] of Object.entries(pipelines)) {
  Deno.test(`${name}: default.yaml says the defaults, all of them`, async () => {
    const text = await Deno.readTextFile(`${import.meta.dirname}/${name}/default.yaml`);
    const keysOf = (value: Json): Json =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([key, item]) => [key, keysOf(item)]).sort()
        : null;

    const yaml = parse(text) as Json;

    deepEqual(resolve(pipeline, yaml), resolve(pipeline, {}));
    if (name !== "iris") deepEqual(keysOf(yaml), keysOf(resolve(pipeline, {})));
  });

  Deno.test(`${name}: the graph leads from the data to a registered version`, () => {
    const { nodes, targets } = buildGraph(pipeline, resolve(pipeline, {}));

    equal(nodes[0]?.step.name, "dataset");
    deepEqual(targets.map(({ kind }) => kind), ["version", "evaluation"]);
  });
}

Deno.test("iris: pipeline and YAML are at most sixty lines", async () => {
  const lines = await Promise.all(
    ["pipeline.ts", "default.yaml"].map(async (file) =>
      (await Deno.readTextFile(`${import.meta.dirname}/iris/${file}`)).trimEnd().split("\n").length
    ),
  );

  ok(lines[0]! + lines[1]! <= 60, `${lines.join(" + ")} lines`);
});

Deno.test("iris: reaches 0.95 on the test split and becomes champion", async () => {
  await using sandbox = await openSandbox();

  const { summary, exitCode } = await runWorked("iris", sandbox.settings);

  equal(exitCode, 0);
  const accuracy = Number(summary.metrics.accuracy);
  ok(accuracy >= 0.95, `accuracy ${accuracy}`);
  deepEqual(summary.model, { name: "iris", version: 1, aliases: ["candidate", "champion"] });
});

Deno.test("digits: reaches 0.97 on the test split; unchanged, everything is cached", async () => {
  await using sandbox = await openSandbox();

  const first = await runWorked("digits", sandbox.settings);
  const second = await runWorked("digits", sandbox.settings);

  equal(first.exitCode, 0);
  const accuracy = Number(first.summary.metrics.accuracy);
  ok(accuracy >= 0.975, `accuracy ${accuracy} leaves no margin over 0.97`);
  deepEqual(new Set(Object.values(statusOf(first))), new Set(["succeeded"]));
  deepEqual(new Set(Object.values(statusOf(second))), new Set(["cached"]));
  equal(first.card.mistakes?.length, 3);
});

Deno.test("digits: a sample trains on less, and is measured on the same test split", async () => {
  await using sandbox = await openSandbox();

  const { summary } = await runWorked("digits", sandbox.settings, {
    set: ["dataset.sampling_rate=0.1", "training.epochs=5", "gate.min_accuracy=0.5"],
  });

  equal(summary.status, "succeeded");
  equal(summary.metrics.rows, 359);
});

Deno.test("churn: is judged against the champion, and registered once however often it runs", async () => {
  await using sandbox = await openSandbox();

  const first = await runWorked("churn", sandbox.settings);
  const second = await runWorked("churn", sandbox.settings);

  equal(first.exitCode, 0);
  const accuracy = Number(first.summary.metrics.accuracy);
  ok(accuracy >= 0.85, `accuracy ${accuracy}`);
  equal(second.exitCode, 0);
  // The champion moved from none to version 1, so it is judged again; the model stays the same one.
  deepEqual([statusOf(second).train, statusOf(second).gate], ["cached", "succeeded"]);
  equal(second.summary.model?.version, 1);
  const [gate] = second.summary.gates;
  match(gate!.reasons.join("\n"), /roc_auc is 0\.\d+, must be >= 0\.\d+: champion v1 has 0\.\d+/);
  deepEqual(
    Object.values(statusOf(await runWorked("churn", sandbox.settings))),
    Array(8).fill("cached"),
  );

  const better = await runWorked("churn", sandbox.settings, {
    set: ["gate.over_champion_by=0.001"],
  });
  equal(better.exitCode, 3);
  equal(statusOf(better).register, "skipped");
});

Deno.test("churn: a better model takes the place of the champion", async () => {
  await using sandbox = await openSandbox();
  const weak = {
    set: [
      "training.epochs=1",
      "training.learning_rate=0.001",
      "gate.min_roc_auc=0.5",
      "gate.min_accuracy_of_each_plan=0.3",
    ],
  };

  const first = await runWorked("churn", sandbox.settings, weak);
  const second = await runWorked("churn", sandbox.settings);

  equal(first.summary.model?.version, 1);
  deepEqual(second.summary.model, {
    name: "churn",
    version: 2,
    aliases: ["candidate", "champion"],
  });
});

const ignore = await findGpuAdapter() === undefined;
const skipped = ignore ? " (skipped: no WebGPU adapter)" : "";

for (const name of ["iris", "digits", "churn"]) {
  Deno.test({
    name: `${name}: trains on WebGPU to the accuracy of the CPU${skipped}`,
    ignore,
    fn: async () => {
      await using sandbox = await openSandbox();

      const cpu = await runWorked(name, sandbox.settings);
      const gpu = await runWorked(name, sandbox.settings, { engine: "webgpu" });

      deepEqual([statusOf(gpu).split, statusOf(gpu).train], ["cached", "succeeded"]);
      equal(gpu.summary.engine, "webgpu");
      equal(gpu.summary.metrics.accuracy, cpu.summary.metrics.accuracy);
    },
  });
}
