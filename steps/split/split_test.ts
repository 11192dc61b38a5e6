import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Cell, ColumnType, DatasetHandle, Row } from "../../pipeline/mod.ts";
import { openFakeContext, rowsOf, runStep } from "../_fake_context.ts";
import { split, type SplitGiven } from "./split.ts";

const columns = { id: "integer", who: "string", label: "string" } as const;

async function splitOf(
  rows: readonly Row[],
  params: SplitGiven,
  types: Readonly<Record<string, ColumnType>> = columns,
): Promise<Readonly<Record<"training" | "validation" | "test", Row[]>>> {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(types, rows);
  const made = await runStep(split, fake.context, { inputs: { dataset }, params });
  return {
    training: await rowsOf(made.training),
    validation: await rowsOf(made.validation),
    test: await rowsOf(made.test),
  };
}

function texts(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** All different rows; `labels` go round. */
function makeRows(count: number, labels: readonly string[] = ["a", "b", "b"]): Row[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    who: `p${id % 7}`,
    label: labels[id % labels.length]!,
  }));
}

const shares = { validation: 0.2, test: 0.3 };
const label = fc.constantFrom("a", "b", "c", null);
const anyRows = fc.array(
  fc.record({ id: fc.nat(30), who: fc.constantFrom("p", "q", null), label }),
  { minLength: 60, maxLength: 90 },
);

Deno.test("split gives every row to one split, and equal rows to the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRows,
      fc.constantFrom("label", null),
      fc.nat(9),
      async (rows, stratify, seed) => {
        const made = await splitOf(rows, { ...shares, stratify, seed });

        const [training, validation, test] = [made.training, made.validation, made.test].map(texts);
        deepEqual([...training!, ...validation!, ...test!].sort(), texts(rows));
        equal(new Set(training).isDisjointFrom(new Set(validation)), true);
        equal(new Set(training).isDisjointFrom(new Set(test)), true);
        equal(new Set(validation).isDisjointFrom(new Set(test)), true);
      },
    ),
    { seed: 9, numRuns: 60 },
  );
});

Deno.test("split does not depend on the order of the rows", async () => {
  const rows = [...makeRows(60), ...makeRows(20)];
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(rows, { minLength: rows.length }),
      fc.constantFrom("label", null),
      fc.constantFrom("who", null),
      async (shuffled, stratify, group_by) => {
        const params = { ...shares, stratify, group_by, seed: 1 };

        const one = await splitOf(rows, params);
        const two = await splitOf(shuffled, params);

        deepEqual(texts(two.training), texts(one.training));
        deepEqual(texts(two.validation), texts(one.validation));
        deepEqual(texts(two.test), texts(one.test));
      },
    ),
    { seed: 10, numRuns: 40 },
  );
});

Deno.test("split gives every split its share of every label, within one row", async () => {
  const share = fc.double({ min: 0.05, max: 0.45, noNaN: true });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 30, max: 90 }), share, share, fc.nat(9), async (
      count,
      validation,
      test,
      seed,
    ) => {
      const rows = makeRows(count);
      const made = await splitOf(rows, { validation, test, stratify: "label", seed });

      const asked = { training: 1 - validation - test, validation, test };
      for (const [name, part] of Object.entries(made)) {
        for (const value of ["a", "b"]) {
          const has = (rows: readonly Row[]) => rows.filter(({ label }) => label === value).length;
          const exact = has(rows) * asked[name as keyof typeof asked];
          equal(Math.abs(has(part) - exact) <= 1 + 1e-9, true, `${name} ${value}`);
        }
      }
    }),
    { seed: 11, numRuns: 60 },
  );
});

Deno.test("split never parts the rows of a group; rows without a group stand alone", async () => {
  const rows = makeRows(300).map((row, i): Row => ({
    ...row,
    who: i % 5 === 0 ? null : `person ${i % 40}`,
  }));

  const made = await splitOf(rows, { ...shares, stratify: "label", group_by: "who", seed: 2 });

  const people = Object.values(made).map((part) =>
    new Set(part.map(({ who }) => who).filter((who): who is string => who !== null))
  );
  equal(people[0]!.isDisjointFrom(people[1]!), true);
  equal(people[0]!.isDisjointFrom(people[2]!), true);
  equal(people[1]!.isDisjointFrom(people[2]!), true);
  const alone = Object.values(made).map((part) => part.filter(({ who }) => who === null).length);
  equal(alone.every((count) => count > 3), true, `${alone}`);
  equal(Math.abs(made.test.length - 90) < 15, true, `${made.test.length}`);
});

Deno.test("split of another seed is another split", async () => {
  const one = await splitOf(makeRows(60), { ...shares, seed: 1 });
  const two = await splitOf(makeRows(60), { ...shares, seed: 2 });

  equal(JSON.stringify(one.test) === JSON.stringify(two.test), false);
});

Deno.test("split keeps columns, attribution, notes and the order of the rows", async () => {
  await using fake = await openFakeContext();
  const schema = {
    columns: [{ name: "i", type: "integer", nullable: true }],
    attribution: { title: "Numbers", license: "CC0" },
    notes: { dropped_empty: { i: 3 } },
  } as const;
  const rows = Array.from({ length: 40 }, (_, i) => ({ i }));
  const dataset = await fake.context.artifacts.dataset(schema, rows);

  const params = { ...shares, seed: 3 };
  const made: Readonly<Record<string, DatasetHandle>> = await runStep(split, fake.context, {
    inputs: { dataset },
    params,
  });

  for (const part of Object.values(made)) {
    const { rowCount, ...kept } = part.schema;
    deepEqual(kept, schema);
    const values = (await rowsOf(part)).map(({ i }) => i as number);
    equal(values.length, rowCount);
    deepEqual(values, values.toSorted((a, b) => a - b));
  }
  deepEqual(fake.summaries, ["training 20 · validation 8 · test 12"]);
});

Deno.test("split refuses shares that leave a split without rows, and says which", async () => {
  await rejects(splitOf(makeRows(3), { validation: 0.1, test: 0.1, seed: 1 }), ({ code, why }) => {
    equal(code, "split/empty");
    match(why, /2 problems\n.*validation \(share 0\.1\) .*\n.*test \(share 0\.1\)/);
    return true;
  });
  const same = Array.from({ length: 30 }, () => ({ id: 1, who: "p", label: "a" }));
  await rejects(splitOf(same, { ...shares, seed: 1 }), { code: "split/empty" });
});

/** 40 rows of person p, all with label "a", and 60 others with label "b". */
const skewed = Array.from({ length: 100 }, (_, id): Row => ({
  id,
  who: id < 40 ? "p" : `q${id}`,
  label: id < 40 ? "a" : "b",
}));

Deno.test("split fails when the shares of a label shift too far", async () => {
  const params: SplitGiven = {
    ...shares,
    group_by: "who",
    label: "label",
    max_label_shift: 0.1,
    seed: 1,
  };

  await rejects(splitOf(skewed, params), ({ code, why }) => {
    equal(code, "split/label-shift");
    match(why, /(training|validation|test) has [\d.]+ % of label "[ab]", the whole has [46]0\.0 %/);
    return true;
  });
});

Deno.test("split warns of a label shift, and of a label that training lacks", async () => {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(columns, skewed);
  const rare = await fake.dataset(columns, [...makeRows(40), { id: 99, who: "x", label: "rare" }]);

  await runStep(split, fake.context, {
    inputs: { dataset },
    params: {
      ...shares,
      group_by: "who",
      label: "label",
      max_label_shift: 0.1,
      on_label_shift: "warn",
      seed: 1,
    },
  });
  equal(fake.logs.length > 0, true);
  equal(fake.logs.every(({ level }) => level === "warning"), true);
  match(fake.logs.at(-1)!.message, /% of label "[ab]"/);

  fake.logs.length = 0;
  for (let seed = 0; fake.logs.length === 0; seed++) {
    const params = { validation: 0.3, test: 0.3, label: "label", seed };
    await runStep(split, fake.context, { inputs: { dataset: rare }, params });
  }
  deepEqual(fake.logs, [{ message: 'training has no row with label "rare"', level: "warning" }]);
});

const refused: readonly { params: Partial<SplitGiven>; says: RegExp }[] = [
  { params: { validation: 0 }, says: /validation: must be more than 0/ },
  { params: { test: -0.1 }, says: /test: must be more than 0/ },
  { params: { test: 1 }, says: /test: must be less than 1/ },
  { params: { validation: 0.5, test: 0.5 }, says: /together must be less than 1/ },
  { params: { max_label_shift: 0.1 }, says: /max_label_shift: needs `label` or `stratify`/ },
];

for (const { params, says } of refused) {
  Deno.test(`split refuses the params ${JSON.stringify(params)}`, async () => {
    await using fake = await openFakeContext();
    const dataset = await fake.dataset(columns, makeRows(10));

    const all = { ...shares, seed: 1, ...params };
    throws(() => runStep(split, fake.context, { inputs: { dataset }, params: all }), says);
  });
}

Deno.test("split refuses columns that are not there", async () => {
  for (const params of [{ stratify: "lable" }, { group_by: "lable" }, { label: "lable" }]) {
    await rejects(splitOf(makeRows(20), { ...shares, seed: 1, ...params }), ({ code, why }) => {
      equal(code, "dataset/missing-column");
      match(why, /did you mean "label"/);
      return true;
    });
  }
});

Deno.test("split stops when it is cancelled", async () => {
  await using fake = await openFakeContext({ signal: AbortSignal.abort() });
  const dataset = await fake.dataset(columns, makeRows(100));

  const params = { ...shares, seed: 1 };
  await rejects(runStep(split, fake.context, { inputs: { dataset }, params }), {
    name: "AbortError",
  });
});

// Golden: a change moves rows between splits, and makes old evaluations incomparable.
Deno.test("split sends the same rows to the test in every release", async () => {
  const rows = Array.from({ length: 12 }, (_, id): Record<string, Cell> => ({
    id,
    label: id % 2 === 0 ? "짝" : "홀",
  }));
  const types = { id: "integer", label: "string" } as const;

  const made = await splitOf(rows, { ...shares, stratify: "label", seed: 42 }, types);

  deepEqual(made.test.map(({ id }) => id), [0, 2, 5, 9]);
});
