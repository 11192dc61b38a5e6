import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import Library from "libsql";
import { type NativeDatabase, prepareStatement } from "./prepared_statement.ts";

function openMemory(): NativeDatabase & Disposable {
  const database = new Library(":memory:") as unknown as NativeDatabase;
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}

/** The cells of a first reading, and of the next two, which come as JSON. */
function readThrice(database: NativeDatabase, sql: string, args: unknown): unknown[] {
  const statement = prepareStatement(database, sql);
  return [1, 2, 3].map(() => statement.cells(args));
}

const cell = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")), // the library cuts it there
  fc.string({ unit: fc.constantFrom("[", "]", "{", '"', "\\", "1", "a", ":", "한") }),
  fc.constant(null),
);

Deno.test("cells() gives the same cells when it reads them as JSON, to the last bit of a number", () => {
  using database = openMemory();
  database.exec("CREATE TABLE t (a, b REAL, c TEXT, d INTEGER)");
  const insert = database.prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
  const row = fc.tuple(cell, fc.double({ noNaN: true }), fc.option(fc.string()), fc.integer());
  const sql = "SELECT a, b, c, d, a || '' AS a FROM t WHERE d >= ? ORDER BY rowid DESC";

  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), fc.integer(), (rows, least) => {
      database.exec("DELETE FROM t");
      for (const each of rows) {
        insert.run(each.map((c) => typeof c === "string" ? c.replaceAll("\0", "") : c));
      }

      const [plain, ...packed] = readThrice(database, sql, [least]);

      for (const each of packed) deepEqual(each, plain);
    }),
    { seed: 7, numRuns: 300 },
  );
});

for (
  const [what, sql, expected] of [
    ["orders as asked", "SELECT 1 AS n UNION SELECT 2 ORDER BY n DESC", [[2], [1]]],
    ["a WITH of its own", "WITH x(a) AS (VALUES (3), (4)) SELECT * FROM x LIMIT 1", [[3]]],
    ["a comment at the end", "SELECT 1 -- one", [[1]]],
    ["no row", "SELECT 1 WHERE 0", []],
    ["a text that is JSON", "SELECT json_object('a', 1), json('[1]')", [['{"a":1}', "[1]"]]],
    ["numbers beyond all limits", "SELECT 9e999, -9e999, -0.0", [[Infinity, -Infinity, -0]]],
    ["columns of one name", "SELECT 1 AS a, 2 AS a", [[1, 2]]],
    ["a PRAGMA", "PRAGMA user_version", [[0]]],
    ["a semicolon", "SELECT 5;", [[5]]],
  ] as const
) {
  Deno.test(`cells() reads ${what} every time`, () => {
    using database = openMemory();

    deepEqual(readThrice(database, sql, []), [expected, expected, expected]);
  });
}

Deno.test("cells() reads bytes, which JSON cannot hold, every time", () => {
  using database = openMemory();

  const read = readThrice(database, "SELECT x'00ff'", []) as [[Uint8Array]][];

  deepEqual(read.map(([[bytes]]) => [...new Uint8Array(bytes)]), [[0, 255], [0, 255], [0, 255]]);
});

Deno.test("cells() reads on after a reading that failed, with what is given then", () => {
  using database = openMemory();
  const statement = prepareStatement(database, "SELECT abs(?)");
  const least = -(2n ** 63n);

  deepEqual([1, 2].map(() => statement.cells([-4])), [[[4]], [[4]]]);
  throws(() => statement.cells([least]), /integer overflow/);
  deepEqual([1, 2].map(() => statement.cells([-5])), [[[5]], [[5]]]);
});

Deno.test("cells() follows a table that changes, also its columns", () => {
  using database = openMemory();
  database.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  const statement = prepareStatement(database, "SELECT a FROM t");
  deepEqual([1, 2].map(() => statement.cells([])), [[[1]], [[1]]]);

  database.exec("DROP TABLE t; CREATE TABLE t (b, a); INSERT INTO t VALUES (1, 2)");

  deepEqual([1, 2].map(() => statement.cells([])), [[[2]], [[2]]]);
});

Deno.test("cells() leaves no reading open, which would keep the write-ahead log from being emptied", async () => {
  const path = await Deno.makeTempFile({ suffix: ".db" });
  const [reader, writer] = [1, 2].map(() => new Library(path) as unknown as NativeDatabase);
  writer!.exec("PRAGMA journal_mode=WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)");
  const statement = prepareStatement(reader!, "SELECT a FROM t");
  for (let i = 0; i < 3; i++) statement.cells([]);

  writer!.exec("INSERT INTO t VALUES (3)");
  const [[isBusy]] = prepareStatement(writer!, "PRAGMA wal_checkpoint(TRUNCATE)").cells([]) as [
    [number],
  ];

  equal(isBusy, 0);
  for (const each of [reader!, writer!]) each.close();
  await Deno.remove(path);
});

Deno.test("prepareStatement() tells what returns no rows", () => {
  using database = openMemory();
  database.exec("CREATE TABLE t (a)");
  const statement = prepareStatement(database, "INSERT INTO t VALUES (?)");

  equal(statement.columns, null);
  deepEqual(statement.run([7]).changes, 1);
  deepEqual(prepareStatement(database, "SELECT a FROM t").columns, ["a"]);
});
