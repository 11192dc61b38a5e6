import { deepEqual, equal, ok } from "node:assert/strict";
import { openTestStore, post } from "./_served_store.ts";

const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
/** Requests at once. */
const MANY = 64;

Deno.test("startServer() tells who comes when too much waits, or who waited too long, to come again", async (test) => {
  await using store = await openTestStore();
  await store.cli("run", "iris");

  for (
    const { title, options, rows, code } of [
      {
        title: "a full queue",
        options: ["--queue-rows", "1", "--batch-rows", "1"],
        // A few rows of so small a model are answered at once, and wait nowhere.
        rows: 20,
        code: "serving/overloaded",
      },
      {
        title: "a deadline",
        options: ["--deadline", "0.001", "--batch-rows", "1"],
        rows: 200,
        code: "serving/too-late",
      },
    ]
  ) {
    await test.step(`${title} answers 503 with Retry-After, and the others get their answers`, async () => {
      await using server = await store.serve(...options);
      const body = { rows: Array.from({ length: rows }, () => FLOWER) };
      const ask = () => post(`${server.origin}/models/iris/predict`, body);
      const seen = new Set<number>();
      let refused: Awaited<ReturnType<typeof ask>> | undefined;
      for (let round = 0; round < 50 && refused === undefined; round++) {
        const answers = await Promise.all(Array.from({ length: MANY }, ask));
        for (const { status } of answers) seen.add(status);
        refused = answers.find(({ status }) => status === 503);
      }

      ok(refused !== undefined, "nobody was refused");
      equal(refused.json.error.code, code);
      equal(refused.headers.get("retry-after"), "1");
      ok([...seen].every((status) => status === 200 || status === 503), [...seen].join());
      if (code === "serving/overloaded") {
        deepEqual([...seen].toSorted(), [200, 503]);
        equal((await post(`${server.origin}/models/iris/predict`, FLOWER)).status, 200);
      }
    });
  }
});
