import { deepEqual, equal, match, rejects } from "node:assert/strict";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { ExplainedError } from "../../pipeline/mod.ts";
import { openFakeContext, rowsOf, runStep } from "../_fake_context.ts";
import { dataset, type DatasetGiven } from "./dataset.ts";

type Columns = Parameters<typeof parquetWriteBuffer>[0]["columnData"];

/** Reads columns that were written as a Parquet file. */
async function readColumns(
  columnData: Columns,
  { name = "rows.parquet", rowGroupSize, ...params }:
    & { name?: string; rowGroupSize?: number }
    & Partial<DatasetGiven> = {},
) {
  const options = rowGroupSize === undefined ? {} : { rowGroupSize };
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
  return await readBytes(bytes, { name, ...params });
}

async function readBytes(
  bytes: Uint8Array,
  { name = "rows.parquet", ...params }: { name?: string } & Partial<DatasetGiven> = {},
) {
  await using fake = await openFakeContext();
  const path = await fake.file(name, bytes);
  const made = await runStep(dataset, fake.context, { inputs: {}, params: { path, ...params } });
  return { schema: made.dataset.schema, rows: await rowsOf(made.dataset) };
}

Deno.test("dataset reads a Parquet file with the types of its columns", async () => {
  const { schema, rows } = await readColumns([
    { name: "글", data: ["최고", null, "별로"], type: "STRING" },
    { name: "n", data: [1, -2, 3], type: "INT32" },
    { name: "x", data: [0.5, NaN, null], type: "DOUBLE" },
    { name: "ok", data: [true, false, null], type: "BOOLEAN" },
    { name: "id", data: [1n, 2n ** 60n + 1n, 3n], type: "INT64" },
    { name: "small", data: [1n, 2n, 3n], type: "INT64" },
    { name: "at", data: [new Date(0), new Date(1e12), null], type: "TIMESTAMP" },
  ]);

  deepEqual(schema.columns.map(({ name, type, nullable }) => [name, type, nullable]), [
    ["글", "string", true],
    ["n", "integer", false],
    ["x", "number", true],
    ["ok", "boolean", true],
    ["id", "string", false],
    ["small", "integer", false],
    ["at", "string", true],
  ]);
  deepEqual(rows[1], {
    글: null,
    n: -2,
    x: null,
    ok: false,
    id: "1152921504606846977",
    small: 2,
    at: "2001-09-09T01:46:40.000Z",
  });
});

Deno.test("dataset reads Parquet by what it is, also under another name, and names labels", async () => {
  const columns: Columns = [
    { name: "text", data: ["a", "b"], type: "STRING" },
    { name: "label", data: [1, 0], type: "INT32" },
  ];
  const values = { label: { 0: "부정", 1: "긍정" } };
  for (const name of ["rows.pq", "rows", "rows.bin"]) {
    const { rows } = await readColumns(columns, { name, label: "label", values });
    deepEqual(rows, [{ text: "a", label: "긍정" }, { text: "b", label: "부정" }]);
  }
});

Deno.test("dataset reads every row group of a Parquet file, in order, whatever the values are", async () => {
  const cells = fc.array(
    fc.tuple(
      fc.option(fc.string({ unit: "grapheme" })),
      fc.option(fc.integer()),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    { minLength: 1, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(cells, fc.integer({ min: 1, max: 9 }), async (table, rowGroupSize) => {
      const { rows } = await readColumns([
        { name: "s", data: table.map(([s]) => s), type: "STRING" },
        { name: "i", data: table.map(([, i]) => i), type: "INT32" },
        { name: "x", data: table.map(([, , x]) => x), type: "DOUBLE" },
      ], { rowGroupSize, columns: { s: "string", i: "integer", x: "number" } });
      deepEqual(rows, table.map(([s, i, x]) => ({ s, i, x: x === 0 ? 0 : x })));
    }),
    { seed: 11, numRuns: 40 },
  );
});

Deno.test("dataset refuses columns of lists and bytes, and says which", async () => {
  await rejects(
    () => readColumns([{ name: "tags", data: [["a"], ["b"]], type: "JSON" }]),
    (error: ExplainedError) => {
      equal(error.code, "dataset/bad-parquet");
      match(error.why, /column "tags" holds bytes or nested values/);
      return true;
    },
  );
});

Deno.test("dataset tells a damaged Parquet file, wherever it is damaged", async () => {
  const whole = new Uint8Array(parquetWriteBuffer({
    columnData: [{
      name: "text",
      data: Array.from({ length: 500 }, (_, i) => `글 ${i}`),
      type: "STRING",
    }],
  }));
  for (
    const bytes of [whole.slice(0, 4), whole.slice(0, 200), whole.slice(0, -1), whole.slice(8)]
  ) {
    await rejects(() => readBytes(bytes, { format: "parquet" }), { code: "dataset/bad-parquet" });
  }
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 254 }), async (at, by) => {
      const damaged = whole.slice();
      damaged[at]! += by + 1;
      // Either the damage is told, or it was in a value, which is another one then.
      await readBytes(damaged, { format: "parquet" }).then(
        () => {},
        (error: ExplainedError) => match(error.code, /^dataset\//),
      );
    }),
    { seed: 5, numRuns: 60 },
  );
});
