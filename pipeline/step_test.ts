import { deepEqual, equal, throws } from "node:assert/strict";
import { z } from "zod";
import {
  buildGraph,
  definePipeline,
  defineStep,
  definitionOf,
  type ExplainedError,
} from "./mod.ts";

const noConfig = z.object({});

const rows = defineStep({
  module: import.meta.url,
  name: "rows",
  inputs: {},
  outputs: { dataset: "dataset" },
  params: z.object({ path: z.string(), limit: z.number().int().default(10) }),
  run: () => Promise.reject(new Error("never run")),
});

const measure = defineStep({
  module: import.meta.url,
  name: "measure",
  inputs: { dataset: "dataset" },
  outputs: { metrics: "metrics" },
  run: () => Promise.resolve({ metrics: { accuracy: 1 } }),
});

const judge = defineStep({
  module: import.meta.url,
  name: "judge",
  inputs: { metrics: "metrics" },
  outputs: { verdict: "verdict" },
  run: () => Promise.resolve({ verdict: { passed: true, reasons: [] } }),
});

function build(body: () => unknown) {
  return buildGraph(definePipeline({ name: "test", config: noConfig, build: body }), {});
}

function problemsOf(body: () => unknown): ExplainedError {
  try {
    build(body);
  } catch (error) {
    return error as ExplainedError;
  }
  throw new Error("The pipeline was accepted");
}

Deno.test("a step placed in a build gives frozen references and a graph in running order", () => {
  const graph = build(() => {
    const { dataset } = rows("read", { params: { path: "a.csv" } });
    equal(Object.isFrozen(dataset), true);
    const { metrics } = measure("measured", { inputs: { dataset } });
    return judge("judged", { inputs: { metrics } });
  });

  deepEqual(graph.nodes.map(({ id }) => id), ["read", "measured", "judged"]);
  deepEqual(graph.nodes[0]?.params, { path: "a.csv", limit: 10 });
});

Deno.test("a wrong wiring does not compile, and is refused when it is forced", () => {
  const error = problemsOf(() => {
    const { dataset } = rows("read", { params: { path: "a.csv" } });
    // @ts-expect-error a dataset is no metrics
    const { verdict } = judge("judged", { inputs: { metrics: dataset } });
    // @ts-expect-error the input is missing
    const { metrics } = measure("measured", { inputs: {} });
    // @ts-expect-error a required param is missing
    const other = rows("other", { params: {} });
    // @ts-expect-error a param has the wrong type
    const third = rows("third", { params: { path: 3 } });
    // @ts-expect-error params are missing altogether
    const fourth = rows("fourth", {});
    return [verdict, metrics, other, third, fourth];
  });

  equal(error.code, "pipeline/invalid");
  equal(error.why.includes('node "judged": input "metrics" takes metrics, and got dataset'), true);
  equal(error.why.includes('node "measured": input "dataset" (dataset) is not wired'), true);
  equal(error.why.includes('node "other": param path: '), true);
  equal(error.why.includes('node "third": param path: '), true);
});

Deno.test("an output that does not exist does not compile", () => {
  throws(() =>
    build(() => {
      const read = rows("read", { params: { path: "a.csv" } });
      // @ts-expect-error rows has no output "table"
      return measure("measured", { inputs: { dataset: read.table } });
    })
  );
});

Deno.test("buildGraph() reports every problem at once", () => {
  const error = problemsOf(() => {
    const { dataset } = rows("read it", { params: { path: "a.csv" } });
    rows("unused", { params: { path: "b.csv" } });
    rows("unused", { params: { path: "c.csv" } });
    return measure("measured", { inputs: { dataset } });
  });

  equal(error.why.startsWith("4 problems"), true);
  equal(error.why.includes('node "read it": an id holds'), true);
  equal(error.why.includes('node "unused": another node has this id'), true);
  equal(error.why.includes('node "unused": nothing that build returns needs it'), true);
});

Deno.test("buildGraph() refuses two definitions of one name, which would share their results", () => {
  const twin = defineStep({ ...definitionOf(measure), params: z.object({ k: z.number() }) });

  const error = problemsOf(() => {
    const { dataset } = rows("read", { params: { path: "a.csv" } });
    return [
      measure("one", { inputs: { dataset } }),
      measure("again", { inputs: { dataset } }),
      twin("other", { inputs: { dataset }, params: { k: 1 } }),
    ];
  });

  equal(error.why.startsWith('node "other": its step and that of "one" are two definitions'), true);
});

Deno.test("buildGraph() refuses a demand on a metric that no step produces, with the nearest name", () => {
  const produce = defineStep({
    ...definitionOf(measure),
    metrics: () => ["accuracy", "f1"],
  });
  const demand = defineStep({ ...definitionOf(judge), demands: () => ["acuracy"] });

  const error = problemsOf(() => {
    const { dataset } = rows("read", { params: { path: "a.csv" } });
    const { metrics } = produce("measured", { inputs: { dataset } });
    return demand("judged", { inputs: { metrics } });
  });

  equal(
    error.why,
    'node "judged": demands metric "acuracy", which no step before it produces (did you mean "accuracy"?)',
  );
});

Deno.test("buildGraph() tells what build threw, and an input that is no output of a node", () => {
  throws(() =>
    build(() => {
      throw new RangeError("at most 3 layers");
    }), { code: "pipeline/build-failed", why: "at most 3 layers" });
  for (const wrong of [3, null, "data", {}]) {
    const { why } = problemsOf(() => measure("measured", { inputs: { dataset: wrong as never } }));
    equal(why, 'node "measured": input "dataset" takes dataset, and got no output of a node');
  }
});

Deno.test("a pipeline can be extended by another", () => {
  const base = definePipeline({
    name: "base",
    config: z.object({ path: z.string() }),
    build: ({ path }) => rows("read", { params: { path } }),
  });
  const extended = definePipeline({
    name: "extended",
    config: z.object({ path: z.string() }),
    build: (config) => measure("measured", { inputs: { dataset: base.build(config).dataset } }),
  });

  deepEqual(buildGraph(extended, { path: "x" }).nodes.map(({ id }) => id), ["read", "measured"]);
});

Deno.test("a step called outside a build says what to do", () => {
  throws(() => rows("read", { params: { path: "a.csv" } }), { code: "pipeline/outside-build" });
});

Deno.test("a demand is met by a metric whose name is known only in part", () => {
  const measureParts = defineStep({
    module: import.meta.url,
    name: "measure-parts",
    inputs: {},
    outputs: { metrics: "metrics" },
    metrics: () => ["accuracy", "f1/*", "accuracy/plan:*"],
    run: () => Promise.resolve({ metrics: {} }),
  });
  const demand = defineStep({
    module: import.meta.url,
    name: "demand",
    inputs: { metrics: "metrics" },
    outputs: { verdict: "verdict" },
    demands: () => ["accuracy", "f1/setosa", "f1/*", "accuracy/*", "f1", "f1_macro", "recall/*"],
    run: () => Promise.resolve({ verdict: { passed: true, reasons: [] } }),
  });

  const { why } = problemsOf(() => {
    const { metrics } = measureParts("measured", {});
    return demand("demanded", { inputs: { metrics } });
  });

  const refused = [...why.matchAll(/demands metric "([^"]+)"/g)].map(([, name]) => name);
  deepEqual(refused, ["f1", "f1_macro", "recall/*"]);
});

Deno.test("params that are refused are told, also of a step that reads them to name its metrics", () => {
  const produce = defineStep({
    module: import.meta.url,
    name: "produce",
    inputs: { dataset: "dataset" },
    outputs: { metrics: "metrics" },
    params: z.object({ names: z.array(z.string()) }),
    metrics: ({ names }) => names.map((name) => name.toLowerCase()),
    run: () => Promise.resolve({ metrics: {} }),
  });
  const demand = defineStep({
    module: import.meta.url,
    name: "demand",
    inputs: { metrics: "metrics" },
    outputs: { verdict: "verdict" },
    params: z.object({ at_least: z.record(z.string(), z.number()) }),
    demands: ({ at_least }) => Object.keys(at_least),
    run: () => Promise.resolve({ verdict: { passed: true, reasons: [] } }),
  });

  const { code, why } = problemsOf(() => {
    const { dataset } = rows("read", { params: { path: "a.csv" } });
    const { metrics } = produce("measured", { inputs: { dataset }, params: { names: 3 as never } });
    return demand("judged", { inputs: { metrics }, params: {} as never });
  });

  equal(code, "pipeline/invalid");
  equal(why.includes('node "measured": param names: '), true);
  equal(why.includes('node "judged": param at_least: '), true);
});

Deno.test("a demand is held against the metrics that are wired in, not against earlier ones", () => {
  const produce = (name: string, metric: string) =>
    defineStep({
      module: import.meta.url,
      name,
      inputs: { metrics: "metrics" },
      outputs: { metrics: "metrics" },
      metrics: () => [metric],
      run: () => Promise.resolve({ metrics: {} }),
    });
  const demand = defineStep({ ...definitionOf(judge), demands: () => ["loss"] });

  const { why } = problemsOf(() => {
    const { dataset } = rows("read", { params: { path: "a.csv" } });
    const measured = measure("measured", { inputs: { dataset } });
    const trained = produce("train", "loss")("trained", { inputs: measured });
    const evaluated = produce("evaluate", "accuracy")("evaluated", { inputs: trained });
    return demand("judged", { inputs: evaluated });
  });

  equal(why, 'node "judged": demands metric "loss", which no step before it produces');
});
