import { deepEqual, equal } from "node:assert/strict";
import { z } from "zod";
import { describeGraph, renderMermaid } from "./describe.ts";
import { buildGraph, definePipeline } from "./pipeline.ts";
import { defineStep } from "./step.ts";

const read = defineStep({
  module: import.meta.url,
  name: "read",
  inputs: {},
  outputs: { dataset: "dataset" },
  params: z.object({ path: z.string() }),
  run: () => Promise.reject(new Error("never run")),
});

const count = defineStep({
  module: import.meta.url,
  name: "count",
  inputs: { left: "dataset", right: "dataset" },
  outputs: { metrics: "metrics" },
  run: () => Promise.resolve({ metrics: {} }),
});

const description = describeGraph(buildGraph(
  definePipeline({
    name: "both",
    config: z.object({}),
    build: () => {
      const left = read("left", { params: { path: "a.csv" } });
      const right = read("read", { params: { path: "b.csv" } });
      return count("sum", { inputs: { left: left.dataset, right: right.dataset } });
    },
  }),
  {},
));

Deno.test("describeGraph() gives the graph as plain data", () => {
  deepEqual(description, {
    pipeline: "both",
    nodes: [
      {
        id: "left",
        step: "read",
        inputs: {},
        outputs: { dataset: "dataset" },
        params: { path: "a.csv" },
      },
      {
        id: "read",
        step: "read",
        inputs: {},
        outputs: { dataset: "dataset" },
        params: { path: "b.csv" },
      },
      {
        id: "sum",
        step: "count",
        inputs: { left: "left.dataset", right: "read.dataset" },
        outputs: { metrics: "metrics" },
        params: {},
      },
    ],
    targets: ["sum.metrics"],
  });
});

Deno.test("renderMermaid() draws boxes, arrows and the targets", () => {
  equal(
    renderMermaid(description),
    `flowchart LR
  n0["left · read"]
  n1["read"]
  n2["sum · count"]
  n0 -->|dataset| n2
  n1 -->|dataset| n2
  class n2 target
`,
  );
});
