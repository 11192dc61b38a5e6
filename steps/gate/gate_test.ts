import { deepEqual, equal, match } from "node:assert/strict";
import { z } from "zod";
import {
  buildGraph,
  definePipeline,
  definitionOf,
  type ExplainedError,
} from "../../pipeline/mod.ts";
import { openFakeContext } from "../_fake_context.ts";
import type { EvaluateGiven } from "../evaluate/evaluate_params.ts";
import { dataset, evaluate, preprocess, train } from "../mod.ts";
import { gate } from "./gate.ts";
import { type GateGiven, gateParams } from "./gate_params.ts";

const { run, reads, demands } = definitionOf(gate);

Deno.test("gate passes what meets every demand", async () => {
  await using fake = await openFakeContext();
  const params = gateParams.parse({ at_least: { accuracy: 0.9 }, at_most: { ece: 0.1 } });

  const { verdict } = await run(fake.context, { metrics: { accuracy: 0.95, ece: 0.05 } }, params);

  equal(verdict.passed, true);
  equal("champion" in verdict, false);
  deepEqual(fake.summaries, ["passed · accuracy is 0.95, must be >= 0.9 · and 1 more"]);
});

Deno.test("gate fails by the first unmet demand, and names the champion it was held against", async () => {
  await using fake = await openFakeContext({
    champions: [{ model: "churn", version: 4, metrics: { roc_auc: 0.8 }, tags: {} }],
  });
  const params = gateParams.parse({
    at_least: { accuracy: 0.9 },
    over_champion: { model: "churn", metric: "roc_auc", by: 0.01 },
  });

  const { verdict } = await run(
    fake.context,
    { metrics: { accuracy: 0.95, roc_auc: 0.8 } },
    params,
  );

  equal(verdict.passed, false);
  deepEqual(verdict.champion, { model: "churn", version: 4 });
  deepEqual(fake.summaries, [
    "failed · roc_auc is 0.8, must be >= 0.81: champion v4 has 0.8 plus 0.01",
  ]);
});

Deno.test("gate says when there was no champion to be held against", async () => {
  await using fake = await openFakeContext();
  const params = gateParams.parse({ over_champion: { model: "churn", metric: "roc_auc" } });

  const { verdict } = await run(fake.context, { metrics: { roc_auc: 0.8 } }, params);

  deepEqual([verdict.passed, verdict.champion], [true, { model: "churn", version: null }]);
});

Deno.test("gate reads the champion only when it is to be beaten, and declares its demands", () => {
  const plain = gateParams.parse({ at_least: { accuracy: 0.9 }, at_most: { accuracy: 1, ece: 1 } });
  const rival = gateParams.parse({ over_champion: { model: "churn", metric: "roc_auc" } });

  deepEqual(reads!(plain), []);
  deepEqual(reads!(rival), [{ kind: "champion", model: "churn" }]);
  deepEqual(demands!(plain), ["accuracy", "ece"]);
  deepEqual(demands!(rival), ["roc_auc"]);
});

/** Problems of a pipeline that trains, evaluates and demands. */
function problemsOf(given: GateGiven, evaluateGiven: EvaluateGiven): string {
  const pipeline = definePipeline({
    name: "demands",
    config: z.object({}),
    build: () => {
      const { dataset: rows } = dataset("rows", { params: { path: "rows.csv" } });
      const { preprocessing } = preprocess("preprocess", {
        inputs: { dataset: rows },
        params: { label: "plan" },
      });
      const { model } = train("train", {
        inputs: { training: rows, validation: rows, preprocessing },
        params: { seed: 1 },
      });
      const { metrics } = evaluate("evaluate", {
        inputs: { model, dataset: rows },
        params: evaluateGiven,
      });
      return gate("gate", { inputs: { metrics }, params: given });
    },
  });
  try {
    buildGraph(pipeline, {});
    return "";
  } catch (error) {
    return (error as ExplainedError).why;
  }
}

Deno.test("gate is refused before anything runs when it demands what evaluate does not measure", () => {
  const known = {
    accuracy: 0.9,
    f1_macro: 0.9,
    "f1/*": 0.5,
    "recall/basic": 0.5,
    "accuracy/region:*": 0.5,
  };

  equal(problemsOf({ at_least: known }, { slices: ["region"] }), "");
  equal(problemsOf({ at_least: { f1: 0.9 } }, { positive_label: "basic" }), "");
  match(problemsOf({ at_least: { acuracy: 0.9 } }, {}), /"acuracy".*did you mean "accuracy"/);
  match(
    problemsOf({ at_least: { f1: 0.9 } }, {}),
    /"f1".*\(there are f1_macro, f1_weighted, f1\/\*\)/,
  );
  match(problemsOf({ at_least: { "accuracy/plan:*": 0.9 } }, {}), /"accuracy\/plan:\*"/);
  match(problemsOf({ at_most: { validation_loss: 1 } }, {}), /"validation_loss"/);
});
