import { deepEqual, throws } from "node:assert/strict";
import { requestOf } from "./rerun.ts";

const TAGS = {
  "mlflow.source.name": "/home/mina/project/configs/digits/pipeline.ts",
  "hanok.config": "{}",
  "hanok.config_file": "/home/mina/project/configs/digits/default.yaml",
  "hanok.set": "seed=3\ntraining.epochs=5",
};

const request = (tags: Record<string, string | undefined>) =>
  requestOf(
    { tags: { ...TAGS, ...tags } as Record<string, string> },
    "/home/mina/project",
    "/home/mina/project/runs",
  );

Deno.test("requestOf() says what a run was made with", () => {
  deepEqual(request({}), {
    pipeline: TAGS["mlflow.source.name"],
    config: TAGS["hanok.config_file"],
    set: ["seed=3", "training.epochs=5"],
  });
});

for (
  const [title, tags] of [
    ["another project", { "mlflow.source.name": "/home/evil/pipeline.ts" }],
    ["a way out", { "mlflow.source.name": "configs/../../evil/pipeline.ts" }],
    ["an uploaded file", { "mlflow.source.name": "/home/mina/project/runs/blobs/evil.ts" }],
    ["what is no module", { "mlflow.source.name": "/home/mina/project/evil.sh" }],
    ["an option", { "mlflow.source.name": "--help" }],
    ["an uploaded config", { "hanok.config_file": "/home/mina/project/runs/blobs/evil.yaml" }],
    ["a config from elsewhere", { "hanok.config_file": "/etc/passwd" }],
    ["a run of other code", { "hanok.config": undefined }],
  ] as const
) {
  Deno.test(`requestOf() refuses ${title}`, () => {
    throws(() => request(tags), { code: "run/not-again", status: 409 });
  });
}
