import { deepEqual, equal, rejects } from "node:assert/strict";
import fc from "fast-check";
import type { Cell, Column, ColumnType, ExplainedError, Row } from "../../pipeline/mod.ts";
import { readDatasetRows, writeDatasetFile } from "./dataset_file.ts";

async function inFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "hanok-dataset-" });
  try {
    return await use(`${folder}/rows.csv`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function columnsOf(types: Readonly<Record<string, ColumnType>>): Column[] {
  return Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }));
}

/** Text in which what CSV treats specially is common. */
const awkwardText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom('"', ",", "\n", "\r", "\t", " ", "한", "글", "\uFEFF", "\0", "a"),
  }),
);

const cellOf: Readonly<Record<ColumnType, fc.Arbitrary<Cell>>> = {
  // -0 is written as 0
  number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
  integer: fc.oneof(fc.integer(), fc.maxSafeInteger()),
  boolean: fc.boolean(),
  string: awkwardText,
};

const table = fc.uniqueArray(
  fc.record({
    name: fc.oneof(awkwardText, fc.constantFrom("__proto__", "7", "constructor")),
    type: fc.constantFrom<ColumnType>("number", "integer", "boolean", "string"),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 5 },
).chain((columns) =>
  fc.record({
    columns: fc.constant(columns.map((column) => ({ ...column, nullable: true }))),
    cells: fc.array(
      fc.tuple(...columns.map(({ type }) => fc.option(cellOf[type], { freq: 4 }))),
      { maxLength: 8 },
    ),
  })
);

function rowsOf(columns: readonly Column[], cells: readonly (readonly Cell[])[]): Row[] {
  return cells.map((values) =>
    Object.fromEntries(columns.map(({ name }, i) => [name, values[i]!])) as Row
  );
}

Deno.test("readDatasetRows() gives back what writeDatasetFile() wrote, for any table", async () => {
  await inFolder(async (path) => {
    await fc.assert(
      fc.asyncProperty(table, async ({ columns, cells }) => {
        const rows = rowsOf(columns, cells);

        const written = await writeDatasetFile(path, columns, rows);
        const read = await Array.fromAsync(readDatasetRows(path, columns));

        equal(written.rowCount, rows.length);
        deepEqual(written.nullable, columns.map((_, i) => cells.some((row) => row[i] === null)));
        deepEqual(
          read.map((row) => columns.map(({ name }) => row[name])),
          cells,
        );
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

// Golden: other tools read these files, and their hash is the content hash of a dataset.
Deno.test("writeDatasetFile() writes RFC 4180 with empty for missing and quotes for empty text", async () => {
  await inFolder(async (path) => {
    const columns = columnsOf({ id: "integer", "a,b": "string", x: "number", ok: "boolean" });

    await writeDatasetFile(path, columns, [
      { id: 1, "a,b": 'say "네"', x: 0.1, ok: true },
      { id: 2, "a,b": "", x: -0, ok: null },
      { id: 3, "a,b": null, x: 1e21, ok: false },
      { id: 4, "a,b": "two\r\nlines", x: 1e-7, ok: false },
    ]);

    equal(
      await Deno.readTextFile(path),
      'id,"a,b",x,ok\n1,"say ""네""",0.1,true\n2,"",0,\n3,,1e+21,false\n4,"two\r\nlines",1e-7,false\n',
    );
  });
});

Deno.test("writeDatasetFile() names all values that do not fit, ten of them in words, and leaves no file", async () => {
  await inFolder(async (path) => {
    const columns = columnsOf({ x: "number", n: "integer", ok: "boolean", t: "string" });
    const fine: Row = { x: 1, n: 1, ok: true, t: "" };
    const rows: Row[] = [
      fine,
      { x: NaN, n: 1.5, ok: 1, t: 3 },
      { x: Infinity, n: "2", ok: "true", t: "\uD800" },
      { x: "1", n: NaN, ok: null } as unknown as Row,
      ...Array.from({ length: 5 }, () => ({ ...fine, x: -Infinity })),
    ];

    await rejects(writeDatasetFile(path, columns, rows), (error: ExplainedError) => {
      equal(error.code, "dataset/bad-value");
      equal(
        error.why,
        [
          "16 problems",
          'row 2, column "x": NaN does not fit type number',
          'row 2, column "n": 1.5 does not fit type integer',
          'row 2, column "ok": 1 does not fit type boolean',
          'row 2, column "t": 3 does not fit type string',
          'row 3, column "x": Infinity does not fit type number',
          'row 3, column "n": "2" does not fit type integer',
          'row 3, column "ok": "true" does not fit type boolean',
          'row 3, column "t": text holds half of a surrogate pair, which UTF-8 cannot hold',
          'row 4, column "x": "1" does not fit type number',
          'row 4, column "n": NaN does not fit type integer',
          "and 6 more",
        ].join("\n  - "),
      );
      return true;
    });
    await rejects(Deno.stat(path), Deno.errors.NotFound);
  });
});

Deno.test("writeDatasetFile() leaves no file behind when the rows fail on the way", async () => {
  await inFolder(async (path) => {
    function* failing(): Generator<Row> {
      yield { x: 1 };
      throw new Error("source broke");
    }

    await rejects(writeDatasetFile(path, columnsOf({ x: "number" }), failing()), /source broke/);
    await rejects(Deno.stat(path), Deno.errors.NotFound);
  });
});

Deno.test("readDatasetRows() reads cells that are longer than what it reads at once", async () => {
  await inFolder(async (path) => {
    const columns = columnsOf({ text: "string", n: "integer" });
    const rows = [
      { text: "한".repeat(300_000), n: 1 },
      { text: '"\n'.repeat(200_000), n: 2 },
      { text: "", n: 3 },
    ];

    await writeDatasetFile(path, columns, rows);

    deepEqual(await Array.fromAsync(readDatasetRows(path, columns)), rows);
  });
});

const damages: readonly { title: string; bytes: Uint8Array | string; says: RegExp }[] = [
  { title: "an empty file", bytes: "", says: /header/ },
  { title: "another header", bytes: "id,txt\n1,a\n", says: /header/ },
  { title: "a missing field", bytes: "id,text\n1,a\n2\n", says: /row 2/ },
  { title: "a field too many", bytes: "id,text\n1,a,b\n", says: /row 1/ },
  { title: "a cut file", bytes: "id,text\n1,a\n2,b", says: /row 2/ },
  { title: "a cut quoted field", bytes: 'id,text\n1,"a', says: /row 1/ },
  { title: "text behind a quote", bytes: 'id,text\n1,"a"b\n', says: /row 1/ },
  { title: "a value of another type", bytes: "id,text\n1,a\nx,b\n", says: /row 2/ },
  {
    title: "bytes that are not UTF-8",
    bytes: new Uint8Array([105, 100, 0xb0, 0xa1]),
    says: /UTF-8/,
  },
  { title: "UTF-8 cut in a letter", bytes: new Uint8Array([105, 100, 0xed, 0x95]), says: /UTF-8/ },
];

for (const { title, bytes, says } of damages) {
  Deno.test(`readDatasetRows() calls ${title} damaged`, async () => {
    await inFolder(async (path) => {
      await Deno.writeFile(
        path,
        typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes,
      );
      const columns = columnsOf({ id: "integer", text: "string" });

      await rejects(Array.fromAsync(readDatasetRows(path, columns)), (error: ExplainedError) => {
        equal(error.code, "dataset/damaged");
        equal(says.test(error.why), true, error.why);
        return true;
      });
    });
  });
}
