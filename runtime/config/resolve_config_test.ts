import { deepEqual, equal } from "node:assert/strict";
import { z } from "zod";
import { definePipeline, type ExplainedError } from "../../pipeline/mod.ts";
import { path } from "../../pipeline/path.ts";
import { parseConfig } from "./config_file.ts";
import { type ConfigSources, resolveConfig } from "./resolve_config.ts";

const pipeline = definePipeline({
  name: "test",
  config: z.object({
    dataset: z.object({
      path: path().default("default.csv"),
      sampling_rate: z.number().gt(0).max(1).default(1),
      url: z.string().optional(),
    }).prefault({}),
    train: z.object({
      epochs: z.number().int().min(1).default(5),
      hidden: z.array(z.number().int()).default([8]),
    }).prefault({}),
  }),
  build: () => ({}),
});

const standing = {
  set: [],
  secrets: () => undefined,
  pipelineFolder: "/project/configs/test",
  projectFolder: "/project",
  cwd: "/home/me",
} satisfies ConfigSources;

function resolveYaml(text: string, more: Partial<ConfigSources> = {}) {
  const file = parseConfig("/project/configs/test/fast.yaml", text);
  return resolveConfig(pipeline, { ...standing, file, ...more });
}

function whyOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    equal((error as ExplainedError).code, "config/invalid");
    return (error as ExplainedError).why;
  }
  throw new Error("The config was accepted");
}

Deno.test("resolveConfig() fills defaults in and lets --set win over the file", () => {
  const { config } = resolveYaml("train:\n  epochs: 7\n", {
    set: ["train.epochs=9", "train.hidden=[4, 2]"],
  });

  deepEqual(config, {
    dataset: { path: "default.csv", sampling_rate: 1 },
    train: { epochs: 9, hidden: [4, 2] },
  });
});

Deno.test("resolveConfig() tells every problem at once, with file, line and nearest name", () => {
  const why = whyOf(() =>
    resolveYaml("dataset:\n  sampling_rat: 0.5\n  sampling_rate: 0\ntrain:\n  epochs: many\n", {
      set: ["trian.epochs=3", "nothing"],
    })
  );

  equal(why.startsWith("5 problems"), true, why);
  for (
    const part of [
      '/project/configs/test/fast.yaml:2: unknown key "dataset.sampling_rat" (did you mean "sampling_rate"?)',
      "/project/configs/test/fast.yaml:3: dataset.sampling_rate: ",
      "found 0",
      "/project/configs/test/fast.yaml:5: train.epochs: ",
      'found "many"',
      '--set trian.epochs=3: unknown key "trian" (did you mean "train"?)',
      "--set nothing: write it as --set name.part=value",
    ]
  ) equal(why.includes(part), true, `${part} is not in ${why}`);
});

Deno.test("resolveConfig() puts no override where there is no place", () => {
  const yaml = "train:\n  epochs: 3\n  hidden: [4, 2]\n";
  const ok = resolveYaml(yaml, { set: ["train.hidden.2=8", "train.hidden.0=5"] });
  deepEqual((ok.config as { train: { hidden: number[] } }).train.hidden, [5, 2, 8]);

  const why = whyOf(() =>
    resolveYaml(yaml, { set: ["train.hidden.3=8", "train.hidden.x=8", "train.epochs.y=1"] })
  );

  equal(
    why.includes(
      '--set train.hidden.3=8: "train.hidden" is a list of 2: write a place from 0 to 2',
    ),
    true,
  );
  equal(why.includes('--set train.hidden.x=8: "train.hidden" is a list of 2'), true);
  equal(
    why.includes('--set train.epochs.y=1: "train.epochs" is 3, and has nothing below it'),
    true,
  );
});

Deno.test("resolveConfig() says where a file is not YAML", () => {
  equal(
    whyOf(() => resolveYaml("train:\n  epochs: [1\n")).startsWith(
      "/project/configs/test/fast.yaml:",
    ),
    true,
  );
  equal(whyOf(() => resolveYaml("train: {epochs: 1\nx")).includes("not YAML"), true);
});

Deno.test("resolveConfig() tells aliases that hold themselves, or too much", () => {
  const bomb = Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`,
  );
  for (const yaml of ["train: &a [*a]\n", `a0: &a0 x\n${bomb.join("\n")}\n`]) {
    equal(/fast\.yaml: not usable: /.test(whyOf(() => resolveYaml(yaml))), true, yaml);
  }
});

Deno.test("resolveConfig() anchors paths at where they were written", () => {
  const at = (yaml: string, set: string[] = [], cwd = "/home/me") =>
    (resolveYaml(yaml, { set, cwd }).config as { dataset: { path: string } }).dataset.path;

  equal(at(""), "default.csv");
  equal(at("dataset: { path: ../data/a.csv }"), "../data/a.csv");
  equal(at("dataset: { path: '..\\data\\a b.csv' }"), "../data/a b.csv");
  equal(at("dataset: { path: /elsewhere/a.csv }"), "/elsewhere/a.csv");
  equal(at("", ["dataset.path=한글.csv"]), "/home/me/한글.csv");
  equal(at("", ["dataset.path=a.csv"], "/project"), "../../a.csv");
});

Deno.test("resolveConfig() keeps secrets as placeholders and names those that are not set", () => {
  const yaml = "dataset:\n  url: https://x/?key=${API_KEY}&a=$${b}\n";

  equal(whyOf(() => resolveYaml(yaml)).includes("secret ${API_KEY} is set neither"), true);
  const resolved = resolveYaml(yaml, { secrets: () => "hidden-value" });
  deepEqual(resolved.secrets, ["API_KEY"]);
  equal(JSON.stringify(resolved.config).includes("hidden-value"), false);
});
