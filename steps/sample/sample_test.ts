import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Row } from "../../pipeline/mod.ts";
import { openFakeContext, rowsOf, runStep } from "../_fake_context.ts";
import { sample, type SampleGiven } from "./sample.ts";

const columns = { text: "string", label: "integer" } as const;

/** Rows of which some are equal; label 1 for every fourth. */
function makeRows(count: number): Row[] {
  return Array.from({ length: count }, (_, i) => ({
    text: `영화 ${Math.floor(i / 2) * 2 % 90}`,
    label: i % 4 === 0 ? 1 : 0,
  }));
}

async function sampleOf(rows: readonly Row[], params: SampleGiven): Promise<string[]> {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(columns, rows);
  const made = await runStep(sample, fake.context, { inputs: { dataset }, params });
  return (await rowsOf(made.dataset)).map((row) => JSON.stringify(row));
}

/** How often each text occurs. */
function countsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

Deno.test("sample keeps the share of rows, and of every label within one row", async () => {
  const rows = makeRows(200); // 50 with label 1

  const kept = await sampleOf(rows, { rate: 0.15, stratify: "label", seed: 1 });

  equal(kept.length, 30);
  const ones = kept.filter((row) => row.includes('"label":1')).length;
  equal(ones === 7 || ones === 8, true, `${ones}`);
});

Deno.test("sample keeps the order of the rows, and says where they come from", async () => {
  await using fake = await openFakeContext();
  const rows = Array.from({ length: 100 }, (_, i) => ({ i }));
  const dataset = await fake.dataset({ i: "integer" }, rows);

  const params = { rate: 0.5, seed: 7 };
  const made = await runStep(sample, fake.context, { inputs: { dataset }, params });

  const kept = (await rowsOf(made.dataset)).map(({ i }) => i as number);
  deepEqual(kept, kept.toSorted((a, b) => a - b));
  deepEqual(made.dataset.schema.notes, { sampled_from: 100 });
  deepEqual(fake.summaries, ["50 of 100 rows"]);
});

const rate = fc.double({ min: 0.005, max: 1, noNaN: true });
const stratify = fc.constantFrom("label", null);

Deno.test("sample of a lower rate is part of that of a higher one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(120), rate, rate, stratify, async (count, a, b, stratify) => {
      const rows = makeRows(count + 1);

      const small = countsOf(await sampleOf(rows, { rate: Math.min(a, b), stratify, seed: 3 }));
      const large = countsOf(await sampleOf(rows, { rate: Math.max(a, b), stratify, seed: 3 }));

      for (const [row, count] of small) equal(count <= (large.get(row) ?? 0), true, row);
    }),
    { seed: 5, numRuns: 60 },
  );
});

Deno.test("sample does not depend on the order of the rows", async () => {
  const shuffled = fc.shuffledSubarray(makeRows(80), { minLength: 80 });
  await fc.assert(
    fc.asyncProperty(shuffled, rate, stratify, async (rows, rate, stratify) => {
      const params = { rate, stratify, seed: 4 };

      deepEqual(
        (await sampleOf(rows, params)).sort(),
        (await sampleOf(makeRows(80), params)).sort(),
      );
    }),
    { seed: 6, numRuns: 60 },
  );
});

Deno.test("sample of another seed is another sample", async () => {
  const rows = makeRows(180);

  const one = await sampleOf(rows, { rate: 0.5, seed: 1 });
  const two = await sampleOf(rows, { rate: 0.5, seed: 2 });

  equal(JSON.stringify(one) === JSON.stringify(two), false);
});

Deno.test("sample keeps at most max_rows, and at least one row", async () => {
  equal((await sampleOf(makeRows(50), { rate: 1, seed: 1, max_rows: 7 })).length, 7);
  equal((await sampleOf(makeRows(50), { rate: 0.2, seed: 1, max_rows: 70 })).length, 10);
  equal((await sampleOf(makeRows(50), { rate: 0.001, seed: 1 })).length, 1);
});

Deno.test("sample of all rows is the dataset itself", async () => {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(columns, makeRows(20));

  const params = { rate: 1, seed: 1 };
  const made = await runStep(sample, fake.context, { inputs: { dataset }, params });

  equal(made.dataset, dataset);
});

const refusedRates: readonly { rate: number; says: RegExp }[] = [
  { rate: 0, says: /rate: must be more than 0/ },
  { rate: -0.1, says: /rate: must be more than 0/ },
  { rate: 1.5, says: /rate: must be at most 1, .* 5 % is 0\.05/ },
  { rate: NaN, says: /rate: / },
];

for (const { rate, says } of refusedRates) {
  Deno.test(`sample refuses the rate ${rate}`, async () => {
    await using fake = await openFakeContext();
    const dataset = await fake.dataset(columns, makeRows(4));

    throws(
      () => runStep(sample, fake.context, { inputs: { dataset }, params: { rate, seed: 1 } }),
      says,
    );
  });
}

Deno.test("sample refuses a column that is not there or is no class", async () => {
  await using fake = await openFakeContext();
  const rows = Array.from({ length: 1100 }, (_, i) => ({ text: `${i}`, label: 0 }));
  const dataset = await fake.dataset(columns, rows);
  const run = (stratify: string, rate: number) =>
    runStep(sample, fake.context, { inputs: { dataset }, params: { rate, stratify, seed: 1 } });

  for (const rate of [0.5, 1]) {
    await rejects(run("lable", rate), ({ code, why }) => {
      equal(code, "dataset/missing-column");
      match(why, /which `stratify` names \(did you mean "label"\?\)/);
      return true;
    });
  }
  await rejects(run("text", 0.5), { code: "dataset/too-many-strata" });
});

Deno.test("sample stops when it is cancelled", async () => {
  await using fake = await openFakeContext({ signal: AbortSignal.abort() });
  const dataset = await fake.dataset(columns, makeRows(200));

  await rejects(
    runStep(sample, fake.context, { inputs: { dataset }, params: { rate: 0.5, seed: 1 } }),
    { name: "AbortError" },
  );
});

// Golden: a change moves rows between splits and samples, and makes old evaluations incomparable.
Deno.test("sample chooses the same rows in every release", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ text: `${i}`, label: i % 2 }));

  const kept = await sampleOf(rows, { rate: 0.25, stratify: "label", seed: 42 });

  deepEqual(kept.map((row) => JSON.parse(row).text), ["1", "2", "3", "10", "12"]);
});
