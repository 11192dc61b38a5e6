import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { FittedNgrams, NgramFeature, Row } from "../../pipeline/mod.ts";
import { openPreprocessing } from "./mod.ts";

const port = openPreprocessing();

async function fit(texts: readonly string[], places: NonNullable<NgramFeature["places"]>) {
  async function* read(): AsyncGenerator<Row> {
    for (const [i, text] of texts.entries()) yield { text, label: i % 2 };
    await Promise.resolve();
  }
  const feature = { column: "text", as: "ngrams", minTexts: 1, places } as const;
  return await port.fit({ features: [feature], label: "label" }, read());
}

/** The ids of one text, character by character; what fills it up is cut off. */
function placesOf(fitted: Awaited<ReturnType<typeof fit>>, text: string): number[][] {
  const { places } = port.open(fitted).encode([{ text }]);
  const rows = Array.from(
    { length: places!.shape[1]! },
    (_, at) => [...places!.data.subarray(3 * at, 3 * at + 3)].map(Number),
  );
  return rows.slice(0, rows.findLastIndex(([first]) => first !== 0) + 1);
}

Deno.test("places holds the n-grams that begin at each character, the same ones everywhere", async () => {
  const fitted = await fit(["가나", "가나 가나"], { minTexts: 1, maxLength: 64 });

  const short = placesOf(fitted, "가나"); // " 가나 "
  const long = placesOf(fitted, "가나  가나"); // " 가나 가나 "

  equal(short.length, 4);
  equal(long.length, 7);
  deepEqual(long.slice(0, 2), short.slice(0, 2));
  deepEqual(long.slice(4), short.slice(1));
  deepEqual(short[3]!.slice(1), [1, 1]); // too near the end
  ok(
    short.flat().every((id) =>
      id >= 1 && id < 2 + (fitted.features[0] as FittedNgrams).places!.count
    ),
  );
});

Deno.test("places says 1 for an n-gram that too few texts hold, also when one holds it often", async () => {
  const fitted = await fit(["가가", "나나나", "가"], { minTexts: 2, maxLength: 64 });

  const [, known] = placesOf(fitted, "가");
  const [, rare] = placesOf(fitted, "나");
  const [, unseen] = placesOf(fitted, "뷁");

  ok(known![0]! >= 2);
  equal(rare![0], 1);
  equal(unseen![0], 1);
});

Deno.test("places fills short texts up with 0, and reads maxLength characters", async () => {
  const fitted = await fit(["가", "나"], { minTexts: 1, maxLength: 20 });

  const { places } = port.open(fitted).encode([{ text: "" }, {
    text: "가".repeat(2) + "나라".repeat(99),
  }]);

  deepEqual(places!.shape, [2, 32, 3]);
  equal(places!.data[0], places!.data[3 * 32]); // the space at the beginning
  ok(places!.data.subarray(3, 3 * 32).every((id) => Number(id) === 0));
  const long = places!.data.subarray(3 * 32);
  equal(Array.from({ length: 32 }, (_, at) => long[3 * at]).findIndex((id) => id === 0), 21);
  deepEqual(
    port.open(JSON.parse(JSON.stringify(fitted))).encode([{ text: "가" }]),
    port.open(fitted).encode([{ text: "가" }]),
  );
});

Deno.test("fit() refuses impossible places", async () => {
  await rejects(() => fit(["가", "나"], { minTexts: 16, maxLength: 64 }), {
    code: "preprocessing/bad-spec",
  });
  await rejects(() => fit(["가", "나"], { minTexts: 1, maxLength: 4096 }), {
    code: "preprocessing/bad-spec",
  });
});
