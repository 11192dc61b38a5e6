import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import type {
  Anomaly,
  ColumnStatistics,
  ColumnType,
  ExplainedError,
  Row,
  ValidationReport,
} from "../../pipeline/mod.ts";
import { openFakeContext, runStep } from "../_fake_context.ts";
import { validate } from "./validate.ts";
import type { ValidateGiven } from "./validate_params.ts";

const columns = { id: "integer", text: "string", score: "number", label: "string" } as const;

const rows: readonly Row[] = [
  { id: 1, text: "좋다", score: 0.5, label: "pos" },
  { id: 2, text: "별로 🎬", score: -1, label: "neg" },
  { id: 3, text: "", score: null, label: "pos" },
  { id: 4, text: null, score: 3, label: "pos" },
  { id: 4, text: null, score: 3, label: "pos" },
];

async function reportOn(
  rows: readonly Row[],
  params: ValidateGiven,
  types: Readonly<Record<string, ColumnType>> = columns,
): Promise<ValidationReport> {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(types, rows);
  const made = await runStep(validate, fake.context, { inputs: { dataset }, params });
  equal(made.dataset, dataset);
  deepEqual(JSON.parse(JSON.stringify(made.report)), made.report);
  return made.report as unknown as ValidationReport;
}

/** Types and columns of the anomalies of `rows`. */
async function anomaliesOf(params: ValidateGiven, of: readonly Row[] = rows): Promise<string[]> {
  const { anomalies } = await reportOn(of, { fail_on: "never", ...params });
  return anomalies.map(({ type, column, severity, count }) =>
    `${severity} ${type} ${column} ${count}`
  );
}

function columnOf(report: ValidationReport, name: string): ColumnStatistics {
  return report.statistics.columns.find((column) => column.name === name)!;
}

Deno.test("validate hands the dataset on, with statistics of every column", async () => {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(columns, rows);

  const params = { label: "label" };
  const made = await runStep(validate, fake.context, { inputs: { dataset }, params });

  equal(made.dataset, dataset);
  const report = made.report as unknown as ValidationReport;
  equal(report.passed, true);
  equal(report.label, "label");
  equal(report.statistics.rows, 5);
  equal(report.statistics.duplicates, 1);
  deepEqual(fake.summaries, ["5 rows · no anomalies"]);
  deepEqual(fake.metrics, [
    { name: "rows", value: 5 },
    { name: "duplicates", value: 1 },
    { name: "anomalies", value: 0 },
  ]);
});

Deno.test("validate counts values, missing ones and the most frequent", async () => {
  const report = await reportOn(rows, {});

  const { count, missing, unique, uniqueIsExact, top } = columnOf(report, "label");
  deepEqual({ count, missing, unique, uniqueIsExact, top }, {
    count: 5,
    missing: 0,
    unique: 2,
    uniqueIsExact: true,
    top: [{ value: "pos", count: 4 }, { value: "neg", count: 1 }],
  });
  const score = columnOf(report, "score");
  deepEqual([score.count, score.missing, score.numbers?.min, score.numbers?.max], [4, 1, -1, 3]);
  equal(score.numbers?.median, 1.75);
  equal(score.texts, undefined);
});

Deno.test("validate measures texts in characters", async () => {
  const report = await reportOn(rows, {});

  const { texts, numbers, count, missing } = columnOf(report, "text");
  deepEqual([count, missing, texts?.empty, numbers], [3, 2, 1, undefined]);
  deepEqual([texts?.lengths.min, texts?.lengths.max], [0, 4]); // "별로 🎬" has 4
  equal(texts?.lengths.mean, 2);
});

Deno.test("validate does not depend on the order of the rows", async () => {
  const some = Array.from({ length: 60 }, (_, i): Row => ({
    id: i % 50,
    text: i % 9 === 0 ? null : `t${i % 31}`,
    score: i % 2 === 0 ? i / 4 : null,
    label: i % 3 === 0 ? "a" : "b",
  }));
  const params: ValidateGiven = {
    label: "label",
    columns: { id: { unique: true, max: 40 }, score: { max_missing: 0.1 } },
    fail_on: "never",
  };
  const expected = await reportOn(some, params);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(some, { minLength: 60 }), async (shuffled) => {
      const found = await reportOn(shuffled, params);

      deepEqual(rounded(found), rounded(expected));
    }),
    { seed: 13, numRuns: 20 },
  );
});

/** The sum of floats depends on their order in the last digits. */
function rounded(report: ValidationReport): unknown {
  return JSON.parse(
    JSON.stringify(report),
    (_, value) => typeof value === "number" ? Number(value.toPrecision(12)) : value,
  );
}

const found: readonly { title: string; params: ValidateGiven; anomalies: readonly string[] }[] = [
  {
    title: "a column that is missing",
    params: { columns: { txt: {}, other: { required: false } } },
    anomalies: ["error SCHEMA_MISSING_COLUMN txt 5"],
  },
  {
    title: "a label that is missing",
    params: { label: "labels" },
    anomalies: ["error SCHEMA_MISSING_COLUMN labels 5"],
  },
  {
    title: "columns nobody described",
    params: { label: "label", columns: { id: {}, text: {} }, other_columns: "refuse" },
    anomalies: ["error SCHEMA_NEW_COLUMN score 5"],
  },
  {
    title: "columns nobody described, as a warning",
    params: { columns: { id: {}, text: {}, label: {} }, other_columns: "warn" },
    anomalies: ["warning SCHEMA_NEW_COLUMN score 5"],
  },
  {
    title: "another type",
    params: { columns: { id: { type: "number" }, score: { type: "integer" }, text: { min: 1 } } },
    anomalies: ["error UNEXPECTED_DATA_TYPE text 3", "error UNEXPECTED_DATA_TYPE score 4"],
  },
  {
    title: "numbers out of bounds",
    params: { columns: { id: { min: 2, max: 3 }, score: { min: 0, max: 0.5 } } },
    anomalies: [
      "error INT_TYPE_SMALL_INT id 1",
      "error INT_TYPE_BIG_INT id 2",
      "error FLOAT_TYPE_SMALL_FLOAT score 1",
      "error FLOAT_TYPE_BIG_FLOAT score 2",
    ],
  },
  {
    title: "values that are not allowed",
    params: { columns: { label: { allowed: ["pos"] }, id: { allowed: ["1", 2, 3, 4] } } },
    anomalies: ["error ENUM_TYPE_UNEXPECTED_STRING_VALUES label 1"],
  },
  {
    title: "values that repeat",
    params: { columns: { id: { unique: true }, score: { unique: true } } },
    anomalies: ["error FEATURE_TYPE_LOW_UNIQUE id 1", "error FEATURE_TYPE_LOW_UNIQUE score 1"],
  },
  {
    title: "missing values and empty texts",
    params: {
      columns: { text: { max_missing: 0.39, max_empty: 0.3 }, score: { max_missing: 0.2 } },
    },
    anomalies: [
      "error FEATURE_TYPE_LOW_FRACTION_PRESENT text 2",
      "error FEATURE_TYPE_EMPTY_TEXTS text 1",
    ],
  },
  {
    title: "too few and too many rows",
    params: { min_rows: 6, max_rows: 4 },
    anomalies: ["error DATASET_LOW_NUM_EXAMPLES null 5", "error DATASET_HIGH_NUM_EXAMPLES null 5"],
  },
  {
    title: "duplicates",
    params: { max_duplicates: 0.1 },
    anomalies: ["error DATASET_DUPLICATES null 1"],
  },
  {
    title: "duplicates, as a warning",
    params: { max_duplicates: 0, severity: { DATASET_DUPLICATES: "warning" } },
    anomalies: ["warning DATASET_DUPLICATES null 1"],
  },
  {
    title: "labels out of balance",
    params: { label: "label", label_balance: { min_share: 0.3, max_share: 0.7 } },
    anomalies: ["error LABEL_LOW_SHARE label 1", "error LABEL_HIGH_SHARE label 4"],
  },
  {
    title: "nothing, at the very bounds",
    params: {
      label: "label",
      min_rows: 5,
      max_rows: 5,
      max_duplicates: 0.2,
      label_balance: { min_share: 0.2, max_share: 0.8 },
      other_columns: "refuse",
      columns: {
        id: { min: 1, max: 4 },
        text: { max_missing: 0.4, max_empty: 0.34 },
        score: { min: -1, max: 3, max_missing: 0.2 },
      },
    },
    anomalies: [],
  },
];

for (const { title, params, anomalies } of found) {
  Deno.test(`validate finds ${title}`, async () => {
    deepEqual(await anomaliesOf(params), anomalies);
  });
}

Deno.test("validate finds labels that are missing or all the same, and columns without any value", async () => {
  const one = rows.map((row): Row => ({ ...row, label: "pos", score: null }));
  const some: Row[] = [...rows, { id: 9, text: "x", score: 1, label: null }];
  const none = rows.map((row): Row => ({ ...row, label: null }));

  deepEqual(await anomaliesOf({ label: "label" }, one), [
    "error LABEL_SINGLE_VALUE label 5",
    "warning FEATURE_TYPE_NOT_PRESENT score 5",
  ]);
  deepEqual(await anomaliesOf({ label: "label" }, some), [
    "error FEATURE_TYPE_LOW_FRACTION_PRESENT label 1",
  ]);
  deepEqual(await anomaliesOf({ label: "label" }, none), [
    "error FEATURE_TYPE_NOT_PRESENT label 5",
  ]);
  deepEqual(await anomaliesOf({ columns: { score: {} } }, one), [
    "error FEATURE_TYPE_NOT_PRESENT score 5",
  ]);
  deepEqual(await anomaliesOf({ columns: { score: { required: false } } }, one), []);
});

Deno.test("validate looks at every label, not only the most frequent", async () => {
  const many = Array.from({ length: 99 }, (_, i): Row => ({
    ...rows[0]!,
    id: i,
    label: `l${Math.min(Math.floor(i / 4), 24)}`, // l24 has 3 rows, the others 4
  }));

  deepEqual(await anomaliesOf({ label: "label", label_balance: { min_share: 0.04 } }, many), [
    "error LABEL_LOW_SHARE label 3",
  ]);
});

Deno.test("validate fails with all anomalies, in words", async () => {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(columns, rows);
  const params: ValidateGiven = {
    min_rows: 1000,
    columns: { lable: {}, label: { allowed: ["pos"] } },
    max_duplicates: 0,
    severity: { DATASET_DUPLICATES: "warning" },
  };

  await rejects(
    runStep(validate, fake.context, { inputs: { dataset }, params }),
    (error: ExplainedError) => {
      equal(error.code, "validate/failed");
      equal(
        error.why,
        [
          "4 problems",
          "error: the dataset has 5 rows, at least 1 000 are demanded (DATASET_LOW_NUM_EXAMPLES)",
          'error: the dataset has no column "lable" (did you mean "label"?) (SCHEMA_MISSING_COLUMN)',
          'error: 1 value of "label" is not allowed: "neg" (1) (ENUM_TYPE_UNEXPECTED_STRING_VALUES)',
          "warning: 20 % of the rows repeat an earlier one, at most 0 % may (DATASET_DUPLICATES)",
        ].join("\n  - "),
      );
      match(error.fix, /fail_on/);
      return true;
    },
  );
});

Deno.test("validate fails as early as fail_on says, and logs what it lets pass", async () => {
  await using fake = await openFakeContext();
  const dataset = await fake.dataset(columns, rows);
  const run = (fail_on: "error" | "warning" | "never", severity: Anomaly["severity"]) =>
    runStep(validate, fake.context, {
      inputs: { dataset },
      params: { max_rows: 4, severity: { DATASET_HIGH_NUM_EXAMPLES: severity }, fail_on },
    });

  await rejects(run("error", "error"), { code: "validate/failed" });
  await rejects(run("warning", "error"), { code: "validate/failed" });
  await rejects(run("warning", "warning"), { code: "validate/failed" });
  equal(fake.logs.length, 0);
  const warned = await run("error", "warning");
  const ignored = await run("never", "error");

  equal((warned.report as { passed: boolean }).passed, true);
  equal((ignored.report as { passed: boolean }).passed, false);
  deepEqual(
    fake.logs,
    [1, 2].map(() => ({
      message: "the dataset has 5 rows, at most 4 are allowed (DATASET_HIGH_NUM_EXAMPLES)",
      level: "warning",
    })),
  );
  deepEqual(fake.summaries, ["5 rows · 1 anomaly", "5 rows · 1 anomaly"]);
});

const refused: readonly { params: unknown; says: RegExp }[] = [
  { params: { columns: { a: { mim: 3 } } }, says: /columns\.a: .*mim/ },
  { params: { columns: { a: { min: 3, max: 2 } } }, says: /min must not be more than max/ },
  { params: { columns: { a: { max_missing: 2 } } }, says: /max_missing/ },
  { params: { columns: { a: { allowed: [] } } }, says: /allowed/ },
  { params: { severity: { TYPO: "error" } }, says: /TYPO/ },
  { params: { label_balance: { min_share: 0.1 } }, says: /needs `label`/ },
  { params: { fail_on: "maybe" }, says: /fail_on/ },
];

for (const { params, says } of refused) {
  Deno.test(`validate refuses the params ${JSON.stringify(params)}`, async () => {
    await using fake = await openFakeContext();
    const dataset = await fake.dataset(columns, rows);

    const use = { inputs: { dataset }, params: params as ValidateGiven };
    throws(() => runStep(validate, fake.context, use), says);
  });
}

Deno.test("validate stops when it is cancelled", async () => {
  await using fake = await openFakeContext({ signal: AbortSignal.abort() });
  const dataset = await fake.dataset(
    { id: "integer" },
    Array.from({ length: 99 }, (_, id) => ({ id })),
  );

  await rejects(runStep(validate, fake.context, { inputs: { dataset }, params: {} }), {
    name: "AbortError",
  });
});
