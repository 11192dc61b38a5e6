import { definitionOf } from "../../pipeline/mod.ts";
import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { dirname } from "node:path";
import fc from "fast-check";
import type { Cell, ColumnType, ExplainedError, Row } from "../../pipeline/mod.ts";
import { writeDatasetFile } from "../../runtime/artifacts/dataset_file.ts";
import { type FakeContext, openFakeContext, rowsOf, runStep } from "../_fake_context.ts";
import { dataset, type DatasetGiven } from "./dataset.ts";

async function read(
  fake: FakeContext,
  content: string | Uint8Array,
  params: Partial<DatasetGiven> = {},
) {
  const path = await fake.file("rows.csv", content);
  return await runStep(dataset, fake.context, { inputs: {}, params: { path, ...params } });
}

async function refusal(
  content: string | Uint8Array,
  params: Partial<DatasetGiven> = {},
): Promise<ExplainedError> {
  await using fake = await openFakeContext();
  try {
    await read(fake, content, params);
  } catch (error) {
    return error as ExplainedError;
  }
  throw new Error("The file was accepted");
}

Deno.test("dataset reads a CSV file with the types of its columns", async () => {
  await using fake = await openFakeContext();
  const attribution = { title: "Flowers", license: "CC0" };

  const { dataset: made } = await read(
    fake,
    'n,x,ok,text\n1,0.5,true,"a ""b"", c"\n-2,3,FALSE,\n3,,true,""\n',
    { label: "ok", attribution },
  );

  deepEqual(made.schema, {
    columns: [
      { name: "n", type: "integer", nullable: false },
      { name: "x", type: "number", nullable: true },
      { name: "ok", type: "boolean", nullable: false },
      { name: "text", type: "string", nullable: true },
    ],
    rowCount: 3,
    attribution,
    notes: {},
  });
  deepEqual(await rowsOf(made), [
    { n: 1, x: 0.5, ok: true, text: 'a "b", c' },
    { n: -2, x: 3, ok: false, text: null },
    { n: 3, x: null, ok: true, text: "" },
  ]);
  deepEqual(fake.summaries, ["3 rows · 4 columns"]);
});

Deno.test("dataset reads a TSV file whose quotes are data, and counts the rows it drops", async () => {
  await using fake = await openFakeContext();
  const path = await fake.file(
    "ratings.txt",
    'id\tdocument\tlabel\n1\t"좋다\t1\n2\t\t0\n3\t  \t1\n4\t별로"\t0\n',
  );

  const { dataset: made } = await runStep(dataset, fake.context, {
    inputs: {},
    params: { path, drop_empty: ["document"] },
  });

  deepEqual(await rowsOf(made), [
    { id: 1, document: '"좋다', label: 1 },
    { id: 4, document: '별로"', label: 0 },
  ]);
  deepEqual(made.schema.notes, { dropped_empty: { document: 2 } });
  deepEqual(fake.logs, [{ message: 'dropped 2 rows without "document"', level: "info" }]);
  deepEqual(fake.summaries, ["2 rows · 3 columns · 2 dropped"]);
});

Deno.test("dataset reads JSON lines; a key that a line lacks is missing there", async () => {
  await using fake = await openFakeContext();

  const { dataset: made } = await read(
    fake,
    '{"text":"1","label":true}\n{"label":false,"score":0.5}\n{"text":"","score":2}\n',
    { format: "jsonl", label: "label" },
  );

  deepEqual(made.schema.columns.map(({ name, type }) => [name, type]), [
    ["text", "string"],
    ["label", "boolean"],
    ["score", "number"],
  ]);
  deepEqual(await rowsOf(made), [
    { text: "1", label: true, score: null },
    { text: null, label: false, score: 0.5 },
    { text: "", label: null, score: 2 },
  ]);
});

const cell: Readonly<Record<ColumnType, fc.Arbitrary<Cell>>> = {
  number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
  integer: fc.maxSafeInteger(),
  boolean: fc.boolean(),
  string: fc.oneof(
    fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
    fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", ";", " ", "한", "글", "\uFEFF", "1") }),
  ),
};

const anyTable = fc.array(fc.constantFrom<ColumnType>("number", "integer", "boolean", "string"), {
  minLength: 1,
  maxLength: 4,
}).chain((types) =>
  fc.record({
    types: fc.constant(types),
    cells: fc.array(fc.tuple(...types.map((type) => fc.option(cell[type], { freq: 4 }))), {
      minLength: 1,
      maxLength: 6,
    }),
  })
);

Deno.test("dataset reads back any table that was written as a dataset", async () => {
  await using fake = await openFakeContext();
  const path = `${fake.folder}/table.csv`;
  await fc.assert(
    fc.asyncProperty(anyTable, async ({ types, cells }) => {
      const columns = types.map((type, i) => ({
        name: `열 ${i}, "${type}"`,
        type,
        nullable: true,
      }));
      const rows = cells.map((values) =>
        Object.fromEntries(values.map((value, i) => [columns[i]!.name, value])) as Row
      );
      await writeDatasetFile(path, columns, rows);

      const { dataset: made } = await runStep(dataset, fake.context, {
        inputs: {},
        params: {
          path,
          columns: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
        },
      });

      deepEqual(await rowsOf(made), rows);
      await Deno.remove(made.path);
    }),
    { seed: 4, numRuns: 150 },
  );
});

const harmless: readonly { title: string; content: string }[] = [
  { title: "a byte order mark", content: "\uFEFFa,b\n1,x\n2,y\n" },
  { title: "CRLF", content: "a,b\r\n1,x\r\n2,y\r\n" },
  { title: "mixed line ends", content: "a,b\r\n1,x\n2,y\r\n" },
  { title: "no end of the last line", content: "a,b\n1,x\n2,y" },
  { title: "blank lines", content: "\na,b\n\n1,x\r\n\r\n2,y\n\n" },
];

for (const { title, content } of harmless) {
  Deno.test(`dataset reads a file with ${title} like any other`, async () => {
    for (const quote of [true, false]) {
      await using fake = await openFakeContext();

      const { dataset: made } = await read(fake, content, { quote });

      deepEqual(await rowsOf(made), [{ a: 1, b: "x" }, { a: 2, b: "y" }]);
    }
  });
}

Deno.test("dataset tells how many blank lines it passed over", async () => {
  await using fake = await openFakeContext();

  const { dataset: made } = await read(fake, "a,b\n\n1,x\n\n");

  deepEqual(made.schema.notes, { blank_lines: 2 });
  deepEqual(fake.logs, [{ message: "passed over 2 blank lines", level: "info" }]);
});

Deno.test("dataset takes a blank line for a missing value where there is one column", async () => {
  await using fake = await openFakeContext();

  const { dataset: made } = await read(fake, "a\n1\n\n3\n");

  deepEqual(await rowsOf(made), [{ a: 1 }, { a: null }, { a: 3 }]);
});

Deno.test("dataset refuses a few texts in a column of numbers, wherever they stand, unless it is told what they are", async () => {
  const numbers = Array.from({ length: 30 }, (_, i) => String(i));
  for (const place of [0, 3, 30]) {
    const column = numbers.toSpliced(place, 0, "n.a.");
    const content = `age,b\n${column.map((each) => `${each},1`).join("\n")}\n`;

    const { code, why } = await refusal(content);
    equal(code, "dataset/bad-rows");
    match(why, new RegExp(`column "age" holds 30 numbers, and line ${place + 2} holds "n\\.a\\."`));

    await using fake = await openFakeContext();
    const missing = await read(fake, content, { missing: ["n.a."] });
    const text = await read(fake, content, { columns: { age: "string" } });
    deepEqual(
      [missing, text].map(({ dataset }) => dataset.schema.columns[0]),
      [
        { name: "age", type: "integer", nullable: true },
        { name: "age", type: "string", nullable: false },
      ],
    );
  }
});

Deno.test("dataset reads numbers among many texts, and codes among numbers, as texts, and hints at it", async () => {
  await using fake = await openFakeContext();
  const numbers = Array.from({ length: 20 }, (_, i) => i + 10000);

  const mixed = await read(fake, `a\n${[...numbers, "x", "y", "z"].join("\n")}\n`);
  const codes = await read(fake, `a\n${[...numbers, "01234"].join("\n")}\n`);

  deepEqual([mixed, codes].map(({ dataset }) => dataset.schema.columns[0]?.type), [
    "string",
    "string",
  ]);
  match(fake.logs[0]!.message, /column "a" is read as text: beside 20 numbers, line 22 holds "x"/);
});

Deno.test("dataset reads paths with Windows separators, spaces and Hangul", async () => {
  await using fake = await openFakeContext();
  await Deno.mkdir(`${fake.folder}/내 자료`);
  await fake.file("내 자료/영화 평.csv", "a\n1\n");

  const { dataset: made } = await runStep(dataset, fake.context, {
    inputs: {},
    params: { path: "내 자료\\영화 평.csv" },
  });

  deepEqual(await rowsOf(made), [{ a: 1 }]);
  deepEqual(definitionOf(dataset).reads?.({ path: "a/b.csv" } as never), [
    { kind: "file", path: "a/b.csv" },
  ]);
});

Deno.test("dataset gives one hash for one content, and reads in a folder of nothing else", async () => {
  await using one = await openFakeContext();
  await using two = await openFakeContext();

  const first = await read(one, "a,b\n1,x\n");
  const second = await read(two, "a,b\r\n1,x\r\n");

  equal(first.dataset.hash, second.dataset.hash);
});

Deno.test("dataset names every wrong row of a file at once", async () => {
  const rows = ["a,b,c", "1,2", "1,2,3,4", "x,2,3", "1,2,3", '1,y,"z\nz"', "", "1"];

  const error = await refusal(rows.join("\n"), {
    columns: { a: "integer", b: "number", c: "string" },
  });

  equal(error.code, "dataset/bad-rows");
  equal(
    error.why,
    [
      "5 problems",
      "line 2 has too few fields: 2, and the header has 3",
      "line 3 has too many fields: 4, and the header has 3",
      'line 4, column "a": "x" does not fit type integer',
      'line 6, column "b": "y" does not fit type number',
      "line 9 has too few fields: 1, and the header has 3",
    ].join("\n  - "),
  );
  match(error.fix, /delimiter/);
  match(error.fix, /`columns`/);
});

Deno.test("dataset names ten wrong rows and counts the others", async () => {
  const error = await refusal(`a,b\n${"1\n".repeat(1000)}`);

  match(error.why, /^1000 problems/);
  match(error.why, /line 11 has too few/);
  match(error.why, /and 990 more$/);
  equal(error.why.split("\n").length, 12);
});

const refused: readonly {
  title: string;
  content: string | Uint8Array;
  params?: Partial<DatasetGiven>;
  code: string;
  says: RegExp;
}[] = [
  { title: "an empty file", content: "", code: "dataset/empty", says: /it is empty/ },
  {
    title: "only a byte order mark",
    content: "\uFEFF",
    code: "dataset/empty",
    says: /it is empty/,
  },
  { title: "only blank lines", content: "\n\n", code: "dataset/empty", says: /it is empty/ },
  { title: "a header only", content: "a,b\n", code: "dataset/empty", says: /header and no rows/ },
  {
    title: "nothing but dropped rows",
    content: "a,b\n1,\n2,\n",
    params: { drop_empty: ["b"] },
    code: "dataset/empty",
    says: /all 2 rows are dropped .* b/,
  },
  {
    title: "names that occur twice and empty ones",
    content: "a,,a,b, \n1,2,3,4,5\n",
    params: { label: "c" },
    code: "dataset/bad-header",
    says: /4 problems\n.*column 2 has no name\n.*columns 1 and 3 .*"a"\n.*column 5 .*\n.*"c"/,
  },
  {
    title: "a column that would be an object's prototype",
    content: "__proto__,b\n1,2\n",
    code: "dataset/bad-header",
    says: /__proto__/,
  },
  {
    title: "lines that end with a lone carriage return",
    content: "a,b\r1,2\r",
    code: "dataset/bad-header",
    says: /lone carriage return/,
  },
  {
    title: "a missing label column",
    content: "text,lable\nx,1\n",
    params: { label: "label" },
    code: "dataset/missing-column",
    says: /no column "label", which `label` names \(did you mean "lable"\?\)/,
  },
  {
    title: "columns that only the params know",
    content: "text,label\nx,1\n",
    params: { columns: { txt: "string" }, drop_empty: ["document"] },
    code: "dataset/missing-column",
    says:
      /2 problems\n.*"txt", which `columns` names \(did you mean "text"\?\)\n.*"document", which `drop_empty`/,
  },
  {
    title: "a label that no JSON line has",
    content: '{"text":"x"}\n',
    params: { format: "jsonl", label: "label" },
    code: "dataset/missing-column",
    says: /"label"/,
  },
  {
    title: "a column to drop by that no JSON line has",
    content: '{"text":"x"}\n',
    params: { format: "jsonl", drop_empty: ["document"] },
    code: "dataset/missing-column",
    says: /"document", which `drop_empty` names/,
  },
  {
    title: "keys of JSON lines that cannot be columns",
    content: '{"__proto__":1,"":2}\n',
    params: { format: "jsonl" },
    code: "dataset/bad-header",
    says: /2 problems\n.*__proto__.*\n.*no name/,
  },
  {
    title: "a line of 10 MB",
    content: `a,b\n1,2\n1,${"x".repeat(10_000_000)}\n3,4\n`,
    params: { quote: false },
    code: "dataset/bad-rows",
    says: /^line 3: the row is longer than 4194304 bytes/,
  },
  {
    title: "a line of 10 MB in a file with quotes",
    content: `a,b\n1,2\n1,${"x".repeat(10_000_000)}\n3,4\n`,
    code: "dataset/bad-rows",
    says: /^line 3: the row is longer than 4194304 bytes/,
  },
  {
    title: "a quote that is never closed",
    content: 'a,b\n1\n2,"x\n3,y\n',
    code: "dataset/bad-rows",
    says: /2 problems\n.*line 2 has too few.*\n.*line 3: .*never closed/,
  },
  {
    title: "CP949",
    // "문서,별점\n좋다,1\n" in CP949
    content: Uint8Array.from([
      ...[0xb9, 0xae, 0xbc, 0xad, 0x2c, 0xba, 0xb0, 0xc1, 0xa1, 0x0a],
      ...[0xc1, 0xc1, 0xb4, 0xd9, 0x2c, 0x31, 0x0a],
    ]),
    code: "dataset/bad-encoding",
    says: /it is written in CP949 \(EUC-KR\), and must be UTF-8/,
  },
  {
    title: "UTF-16",
    content: Uint8Array.from([0xff, 0xfe, 0x61, 0, 0x0a, 0, 0x31, 0]),
    code: "dataset/bad-encoding",
    says: /it is written in UTF-16/,
  },
  {
    title: "bytes of Latin-1",
    content: Uint8Array.from([0x61, 0x0a, 0x78, 0x0a, 0x63, 0x61, 0x66, 0xe9, 0x0a]),
    code: "dataset/bad-encoding",
    says: /^line 3 is not UTF-8$/,
  },
  {
    title: "a letter that is cut at the end of the file",
    content: Uint8Array.from([0x61, 0x0a, 0x78, 0x0a, 0xed, 0x95]),
    code: "dataset/bad-encoding",
    says: /^line 3 is not UTF-8$/,
  },
  {
    title: "NUL bytes",
    content: "a,b\n1,x\n2,\0\n3,\0\0\n",
    code: "dataset/bad-encoding",
    says: /2 problems\n.*line 3 holds a NUL byte\n.*line 4 holds a NUL byte/,
  },
];

for (const { title, content, params, code, says } of refused) {
  Deno.test(`dataset refuses ${title}`, async () => {
    const error = await refusal(content, params);

    equal(error.code, code, error.message);
    match(error.why, says);
    match(error.what, /^Cannot (read|use) .*rows\.csv/);
  });
}

Deno.test("dataset reads a line of 10 MB when it is allowed to", async () => {
  await using fake = await openFakeContext();
  const long = "한".repeat(3_500_000);

  for (const quote of [true, false]) {
    const { dataset: made } = await read(fake, `a,b\n1,${long}\n`, {
      quote,
      max_row_bytes: 11_000_000,
    });

    deepEqual(await rowsOf(made), [{ a: 1, b: long }]);
  }
});

Deno.test("dataset gives the command that converts a Korean file, for the shell", async () => {
  await using fake = await openFakeContext();
  const path = await fake.file("it's 평점.csv", Uint8Array.from([0xc1, 0xc1, 0x0a, 0xb4, 0xd9]));

  await rejects(
    runStep(dataset, fake.context, { inputs: {}, params: { path } }),
    (error: ExplainedError) => {
      const word = path.replaceAll("'", `'\\''`);
      equal(error.fix, `Convert it: iconv -f CP949 -t UTF-8 '${word}' > '${word}.utf8'`);
      return true;
    },
  );
});

Deno.test("dataset names the nearest file when there is none of that name", async () => {
  await using fake = await openFakeContext();
  const path = await fake.file("rows.csv", "a\n1\n");

  const missing = { inputs: {}, params: { path: `${dirname(path)}/row.csv` } };
  await rejects(runStep(dataset, fake.context, missing), (error: ExplainedError) => {
    equal(error.code, "dataset/missing-file");
    match(error.why, /did you mean "rows\.csv"/);
    return true;
  });
  const inFile = { inputs: {}, params: { path: `${path}/row.csv` } };
  await rejects(runStep(dataset, fake.context, inFile), { code: "dataset/missing-file" });
  const folder = { inputs: {}, params: { path: dirname(path) } };
  await rejects(runStep(dataset, fake.context, folder), { code: "dataset/unreadable-file" });
});

Deno.test("dataset stops when it is cancelled", async () => {
  await using fake = await openFakeContext({ signal: AbortSignal.abort() });
  const path = await fake.file("rows.csv", "a\n1\n");

  await rejects(runStep(dataset, fake.context, { inputs: {}, params: { path } }), {
    name: "AbortError",
  });
});

Deno.test("dataset shows how many bytes are left", async () => {
  await using fake = await openFakeContext();
  const content = `a\n${"1\n".repeat(400_000)}`;

  await read(fake, content);

  const total = 2 * content.length;
  deepEqual(fake.progress.at(-1)?.done, total);
  equal(fake.progress.every((event) => event.unit === "bytes" && event.total === total), true);
  equal(fake.progress.length > 4, true);
});

for (
  const params of [
    {},
    { path: "" },
    { path: "a", delimiter: "::" },
    { path: "a", delimiter: '"' },
    {
      path: "a",
      format: "xlsx",
    },
    { path: "a", columns: { a: "date" } },
    { path: "a", max_row_bytes: 0 },
    {
      path: "a",
      lable: "x",
    },
  ]
) {
  Deno.test(`dataset refuses the params ${JSON.stringify(params)}`, async () => {
    await using fake = await openFakeContext();

    throws(
      () => runStep(dataset, fake.context, { inputs: {}, params: params as DatasetGiven }),
      TypeError,
    );
  });
}

Deno.test("dataset gives values their names, and refuses those without one", async () => {
  await using fake = await openFakeContext();
  const values = { label: { 0: "부정", 1: "긍정" } };

  const { dataset: made } = await read(fake, "id,label\n1,0\n2,1\n3,\n", { values });

  deepEqual(made.schema.columns[1], { name: "label", type: "string", nullable: true });
  deepEqual((await rowsOf(made)).map(({ label }) => label), ["부정", "긍정", null]);

  const error = await refusal("id,label\n1,0\n2,2\n3,x\n", { values });
  equal(error.code, "dataset/bad-rows");
  match(error.why, /line 3, column "label": "2" is none of 0, 1, which `values` names/);
  match(error.why, /line 4/);
  match(
    (await refusal("id,lable\n1,0\n", { values })).why,
    /`values` names \(did you mean "lable"/,
  );
});

Deno.test("dataset gives names to the typed values of JSON lines, too", async () => {
  await using fake = await openFakeContext();
  const path = await fake.file("rows.jsonl", '{"label": 1}\n{"label": 0}\n');

  const { dataset: made } = await runStep(dataset, fake.context, {
    inputs: {},
    params: { path, values: { label: { 0: "no", 1: "yes" } } },
  });

  deepEqual(await rowsOf(made), [{ label: "yes" }, { label: "no" }]);
});

Deno.test("dataset reads a file from the web, and reads nothing of this machine then", async () => {
  const path = "https://example.org/rows.csv";
  await using fake = await openFakeContext({ web: { [path]: "n\n1\n2\n" } });

  const { dataset: made } = await runStep(dataset, fake.context, { inputs: {}, params: { path } });

  deepEqual(await rowsOf(made), [{ n: 1 }, { n: 2 }]);
  deepEqual(definitionOf(dataset).reads!({ path } as never), []);
});
