import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { definitionOf, type RegisterRequest, type Verdict } from "../../pipeline/mod.ts";
import { openFakeContext } from "../_fake_context.ts";
import { register, registerParams } from "./register.ts";

const { run } = definitionOf(register);

const passed: Verdict = {
  passed: true,
  reasons: [],
  champion: { model: "churn", version: 2 },
};

async function openRegistry(aliases: readonly string[]) {
  const requests: RegisterRequest[] = [];
  const fake = await openFakeContext({
    registry: {
      register: (request) => {
        requests.push(request);
        return Promise.resolve({ name: request.name, version: 3, aliases });
      },
    },
  });
  return { fake, requests };
}

Deno.test("register hands model, metrics and verdict to the registry", async () => {
  const { fake, requests } = await openRegistry(["candidate", "champion"]);
  await using _ = fake;
  const model = await fake.context.artifacts.folder({ "model.onnx": "bytes" });
  const attribution = { title: "Customers", license: "CC0-1.0" };
  const params = registerParams.parse({ name: "churn", description: "who leaves", attribution });

  const { version } = await run(
    fake.context,
    { model, metrics: { accuracy: 0.8 }, verdict: passed },
    params,
  );

  deepEqual(version, { name: "churn", version: 3 });
  deepEqual(requests, [{
    name: "churn",
    promote: "auto",
    description: "who leaves",
    attribution,
    model,
    metrics: { accuracy: 0.8 },
    verdict: passed,
  }]);
  deepEqual(fake.summaries, ["churn v3"]);
});

Deno.test("register names no alias: they move on while its result is cached", async () => {
  const { fake } = await openRegistry(["candidate"]);
  await using _ = fake;
  const model = await fake.context.artifacts.folder({});
  const params = registerParams.parse({ name: "churn", promote: "approve" });

  await run(fake.context, { model, metrics: {}, verdict: passed }, params);

  deepEqual(fake.summaries, ["churn v3"]);
});

Deno.test("register refuses what a gate did not let pass, with every reason", async () => {
  const { fake, requests } = await openRegistry([]);
  await using _ = fake;
  const model = await fake.context.artifacts.folder({});
  const text = "accuracy is 0.5, must be >= 0.9";
  const verdict: Verdict = {
    passed: false,
    reasons: [{ met: false, text, metric: "accuracy", value: 0.5, demand: { at_least: 0.9 } }],
  };

  await rejects(
    () => run(fake.context, { model, metrics: {}, verdict }, registerParams.parse({ name: "m" })),
    ({ code, why }) => {
      equal(code, "register/not-passed");
      match(why, /accuracy is 0.5, must be >= 0.9/);
      return true;
    },
  );
  equal(requests.length, 0);
});

Deno.test("register has effects, and takes names of any language but no path", () => {
  equal(definitionOf(register).effects, true);
  equal(registerParams.safeParse({ name: "영화-감성_v1.2" }).success, true);
  for (const name of ["", "a/b", "../x", "a b", ".x"]) {
    equal(registerParams.safeParse({ name }).success, false, name);
  }
});
