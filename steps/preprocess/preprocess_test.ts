import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { definitionOf, type Row } from "../../pipeline/mod.ts";
import { openPreprocessing } from "../../runtime/preprocessing/mod.ts";
import { openFakeContext } from "../_fake_context.ts";
import { preprocess } from "./preprocess.ts";
import { preprocessParams } from "./preprocess_params.ts";

const { run } = definitionOf(preprocess);

Deno.test("preprocess fits the columns of the training split", async () => {
  await using fake = await openFakeContext({ preprocessing: openPreprocessing() });
  const dataset = await fake.dataset(
    { id: "string", age: "integer", plan: "string", churned: "string" },
    [
      { id: "a", age: 20, plan: "basic", churned: "no" },
      { id: "b", age: null, plan: "pro", churned: "yes" },
      { id: "c", age: 40, plan: null, churned: "no" },
    ],
  );

  const { preprocessing } = await run(
    fake.context,
    { dataset },
    preprocessParams.parse({ label: "churned", columns: { id: "ignore" } }),
  );

  deepEqual(preprocessing.features.map(({ column }) => column), ["age", "plan"]);
  equal(preprocessing.width, 5); // age, its indicator, basic, pro, missing
  deepEqual(preprocessing.label, { column: "churned", labels: ["no", "yes"] });
  deepEqual(fake.summaries, ["2 columns → 5 numbers · 2 labels"]);
});

Deno.test("preprocess refuses a column of ids that nobody chose", async () => {
  await using fake = await openFakeContext({ preprocessing: openPreprocessing() });
  const rows = Array.from({ length: 501 }, (_, i): Row => ({ id: `id ${i}`, y: i % 2 }));
  const dataset = await fake.dataset({ id: "string", y: "integer" }, rows);

  await rejects(
    () => run(fake.context, { dataset }, preprocessParams.parse({ label: "y" })),
    ({ code, why, fix }) => {
      equal(code, "preprocess/too-many-categories");
      match(why, /column "id" holds 501 different values/);
      match(fix, /columns: \{ id: ignore \}/);
      return true;
    },
  );
  const chosen = preprocessParams.parse({ label: "y", columns: { id: { as: "category" } } });
  equal((await run(fake.context, { dataset }, chosen)).preprocessing.width, 501);
});

Deno.test("preprocess stops when it is cancelled", async () => {
  await using fake = await openFakeContext({
    preprocessing: openPreprocessing(),
    signal: AbortSignal.abort(),
  });
  const dataset = await fake.dataset({ a: "number", y: "string" }, [{ a: 1, y: "u" }]);

  await rejects(
    () => run(fake.context, { dataset }, preprocessParams.parse({ label: "y" })),
    { name: "AbortError" },
  );
});
