import { definitionOf } from "../../pipeline/mod.ts";
import { deepEqual, equal } from "node:assert/strict";
import { openFakeContext } from "../_fake_context.ts";
import { gate } from "./gate.ts";
import { gateParams } from "./gate_params.ts";

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
