import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { FittedNgrams, NgramFeature, Row } from "../../pipeline/mod.ts";
import { openParallelCounts } from "./count_texts.ts";
import { openPreprocessing } from "./mod.ts";
import { openTextCounts } from "./text_counts.ts";

const { fit, open, encodeMany } = openPreprocessing();

/** More than are worked on without a worker. */
const TEXTS = Array.from(
  { length: 10_000 },
  (_, i) => `영화 ${i % 997} ${"재미".repeat(i % 5)} ${i % 13}점`,
);
const feature: NgramFeature = {
  ...{ column: "text", as: "ngrams", minTexts: 4 },
  places: { minTexts: 5, maxLength: 32 },
};
const rows = TEXTS.map((text, i): Row => ({ id: i, text, label: i % 2 }));

async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

Deno.test("fit() keeps of many texts, on all cores, what one count after the other keeps", async () => {
  const alone = openTextCounts({
    ...{ families: [{ lengths: [1, 3], spaces: true }], maxLength: 1024, minTexts: 4 },
    ...{ places: feature.places, part: { bits: 0, value: 0 } },
  });
  using parallel = openParallelCounts({
    ...{ families: [{ lengths: [1, 3], spaces: true }], maxLength: 1024, minTexts: 4 },
    places: feature.places,
  });
  for (const text of TEXTS) {
    alone.learn(text);
    parallel.learn(text);
    await parallel.rest();
  }
  const expected = await alone.finish();
  ok(expected.grams.length > 100 && expected.places!.length > 100);
  deepEqual(await parallel.finish(), expected);
});

Deno.test("encodeMany() gives each of many lists what encode() gives it", async () => {
  const fitted = await fit({ features: [feature], label: "label" }, each(rows));
  const preprocessor = open(fitted);
  const lists = Array.from({ length: 20 }, (_, i) => ({
    rows: rows.slice(500 * i, 500 * i + 500 - i),
    firstRow: 500 * i,
    name: `list ${i}`,
  }));

  for (const some of [lists, lists.slice(0, 2), []]) {
    const found = await Array.fromAsync(encodeMany(preprocessor, each(some)));

    deepEqual(found.map(([list]) => list), some);
    found.forEach(([list, tensors]) => deepEqual(tensors, preprocessor.encode(list.rows)));
  }
  equal((fitted.features[0] as FittedNgrams).places!.maxLength, 32);
});

Deno.test("encodeMany() names a refused row of many by its place in the dataset", async () => {
  const preprocessor = open(await fit({ features: [feature], label: "label" }, each(rows)));
  const lists = Array.from({ length: 20 }, (_, i) => ({
    rows: rows.slice(500 * i, 500 * i + 500).map((row) =>
      row.id === 7123 ? { ...row, text: 4 } : row
    ),
    firstRow: 500 * i,
  }));

  await rejects(Array.fromAsync(encodeMany(preprocessor, each(lists))), {
    code: "preprocessing/bad-rows",
    why: /row 7124/,
  });
});

Deno.test("fit() ends its workers when a row is refused", async () => {
  const { terminate } = Worker.prototype;
  let ended = 0;
  Worker.prototype.terminate = function () {
    ended++;
    terminate.call(this);
  };
  try {
    await rejects(
      fit({ features: [feature], label: "label" }, each([...rows, { text: null, label: 1 }])),
      { code: "preprocessing/bad-rows" },
    );
  } finally {
    Worker.prototype.terminate = terminate;
  }
  ok(ended > 0);
});
