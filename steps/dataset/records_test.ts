import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import { jsonRecords } from "./json_records.ts";
import { quotedRecords } from "./quoted_records.ts";
import type { SourceField, SourceRecord } from "./source_record.ts";
import { unquotedRecords } from "./unquoted_records.ts";

const anyLength = { delimiter: ",", maxRowBytes: 1 << 20 };

/** A text in pieces of a length. */
async function* inPieces(text: string, length: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

async function all(batches: AsyncIterable<readonly SourceRecord[]>): Promise<SourceRecord[]> {
  return (await Array.fromAsync(batches)).flat();
}

async function fieldsOf(
  batches: AsyncIterable<readonly SourceRecord[]>,
): Promise<(readonly SourceField[])[]> {
  return (await all(batches)).map(({ fields }) => fields);
}

const field = fc.oneof(
  fc.constant(null),
  fc.string({ unit: fc.constantFrom("a", "한", '"', "'", " ", "\t"), minLength: 1, maxLength: 5 }),
);
const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
const lineEnds = fc.array(fc.constantFrom("\n", "\r\n"), { minLength: 6, maxLength: 6 });

Deno.test("unquotedRecords() gives back any fields, however the text is cut and its lines end", async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      lineEnds,
      fc.integer({ min: 1, max: 20 }),
      async (rows, ends, length) => {
        const text = rows.map((row, i) => row.map((cell) => cell ?? "").join(",") + ends[i]).join(
          "",
        );

        const records = await all(unquotedRecords(inPieces(text, length), anyLength));

        deepEqual(records.map(({ fields }) => fields), rows);
        deepEqual(records.map(({ line }) => line), rows.map((_, i) => i + 1));
      },
    ),
    { seed: 2 },
  );
});

const quotable = fc.oneof(
  fc.constant(null),
  fc.string({ unit: fc.constantFrom("a", "한", '"', ",", "\n", "\r", " "), maxLength: 6 }),
);

Deno.test("quotedRecords() gives back any fields, and tells the empty text from the empty field", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(quotable, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
      lineEnds,
      fc.integer({ min: 1, max: 20 }),
      async (rows, ends, length) => {
        const cell = (text: string | null) =>
          text === null ? "" : `"${text.replaceAll('"', '""')}"`;
        const text = rows.map((row, i) => row.map(cell).join(",") + ends[i]).join("");

        const records = await all(quotedRecords(inPieces(text, length), anyLength));

        deepEqual(records.map(({ fields }) => fields), rows);
        let line = 1;
        const starts = rows.map((row) => {
          const start = line;
          line += 1 + row.join("").split("\n").length - 1;
          return start;
        });
        deepEqual(records.map(({ line }) => line), starts);
      },
    ),
    { seed: 3 },
  );
});

Deno.test("unquotedRecords() reads a last line without an end, and quotes as data", async () => {
  deepEqual(await fieldsOf(unquotedRecords(inPieces('a,"b\n1,2"\r', 3), anyLength)), [
    ["a", '"b'],
    ["1", '2"'],
  ]);
});

const wrongQuotes: readonly { title: string; text: string; problem: RegExp }[] = [
  { title: "inside a field", text: 'a,b\n1,5" disk\n2,x\n', problem: /^line 2: .*holds one/ },
  {
    title: "before the end of a field",
    text: 'a,b\n1,x\n2,"5"in\n',
    problem: /^line 3: .*goes on/,
  },
  {
    title: "that is never closed",
    text: 'a,b\n1,"x\n2,y\n3,z\n',
    problem: /^line 2: .*never closed/,
  },
];

for (const { title, text, problem } of wrongQuotes) {
  Deno.test(`quotedRecords() says where a quote ${title} is`, async () => {
    const records = await all(quotedRecords(inPieces(text, 5), anyLength));

    deepEqual(records[0]?.fields, ["a", "b"]);
    match(records.at(-1)?.problem?.text ?? "", problem);
  });
}

Deno.test("a row that is longer than allowed ends the reading and names its line", async () => {
  const limit = { delimiter: ",", maxRowBytes: 30 };
  const open = {
    unquoted: (text: string) => unquotedRecords(inPieces(text, 10), limit),
    quoted: (text: string) => quotedRecords(inPieces(text, 10), limit),
    json: (text: string) => jsonRecords(inPieces(text, 10), { columns: [], maxRowBytes: 30 }),
  };
  for (const [name, read] of Object.entries(open)) {
    for (const long of ["x".repeat(40), "한".repeat(12), "x".repeat(400)]) {
      const ok = name === "json" ? '{"a":1}' : "a,b";

      const records = await all(read(`${ok}\n${ok}\n${long}\n${ok}\n`));

      equal(records.length, 3, `${name}: ${long}`);
      equal(
        records[2]?.problem?.text,
        "line 3: the row is longer than 30 bytes; reading stopped here",
      );
      equal(records[2]?.problem?.fix.includes("max_row_bytes"), true);
    }
  }
});

Deno.test("jsonRecords() collects the columns in the order in which they are met", async () => {
  const columns: string[] = [];
  const text = '{"a":1,"b":"x"}\r\n\n{"c":true,"a":null}\n{"b":""}';

  const records = await all(jsonRecords(inPieces(text, 4), { columns, maxRowBytes: 100 }));

  deepEqual(columns, ["a", "b", "c"]);
  deepEqual(records.map(({ line, fields }) => [line, ...fields]), [
    [1, 1, "x"],
    [3, null, null, true],
    [4, null, "", null],
  ]);
});

const badJson: readonly { row: string; says: RegExp }[] = [
  { row: '{"a":1', says: /not a JSON object/ },
  { row: "[1,2]", says: /not a JSON object/ },
  { row: "null", says: /not a JSON object/ },
  { row: '{"a":[1]}', says: /key "a" holds a list/ },
  { row: '{"a":{"b":1}}', says: /key "a" holds an object/ },
  { row: '{"a":"\\ud83d"}', says: /half of a surrogate pair/ },
  { row: '{"id":9007199254740993}', says: /more digits/ },
];

for (const { row, says } of badJson) {
  Deno.test(`jsonRecords() refuses ${row} and goes on`, async () => {
    const text = `{"a":1}\n${row}\n{"a":2}\n`;

    const records = await all(jsonRecords(inPieces(text, 9), { columns: [], maxRowBytes: 99 }));

    deepEqual(records.map(({ line }) => line), [1, 2, 3]);
    match(records[1]?.problem?.text ?? "", says);
    equal(records[2]?.problem, undefined);
  });
}
