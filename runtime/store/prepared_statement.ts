/** One value of a row. */
export type Cell = string | number | null;

/** What is used of the library, whose own types say `any`. */
export interface NativeDatabase {
  prepare(sql: string): NativeStatement;
  exec(sql: string): void;
  close(): void;
  readonly inTransaction: boolean;
}

/** A statement of the library. */
export interface NativeStatement {
  all(args: unknown): Cell[][];
  get(args: unknown): Cell[] | undefined;
  run(args: unknown): Changes;
  raw(isRaw: true): NativeStatement;
  columns(): readonly { readonly name: string }[];
}

/** What a statement did that returns no rows. */
export interface Changes {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

/** A statement that is kept, to be used again. */
export interface PreparedStatement {
  /** `null` for a statement that returns no rows. */
  readonly columns: readonly string[] | null;
  /** Does what returns no rows. */
  run(args: unknown): Changes;
  /** Reads all rows, as plain lists. */
  cells(args: unknown): Cell[][];
}

/** Prepares a statement, and tells whether it returns rows. */
export function prepareStatement(database: NativeDatabase, sql: string): PreparedStatement {
  const statement = database.prepare(sql);
  const run = (args: unknown): Changes => statement.run(args);
  try {
    statement.raw(true);
  } catch {
    return { columns: null, run, cells: () => [] };
  }
  const columns = statement.columns().map(({ name }) => name);
  return { columns, run, cells: rowReader(database, statement, { sql, width: columns.length }) };
}

/**
 * Reads as lists of cells. From its second use on, a query answers as one row of JSON.
 *
 * The library hands out a list of rows as an object of native code, of which Deno never frees 48 bytes (2.9.6); a
 * server would lose them with every read. One row comes without such an object, and in a fifth of the time; many rows
 * take about as long as before. A command that asks once is spared preparing the statement twice.
 */
function rowReader(
  database: NativeDatabase,
  statement: NativeStatement,
  { sql, width }: { readonly sql: string; readonly width: number },
): (args: unknown) => Cell[][] {
  let isFirst = true;
  let canPack = /^\s*(SELECT|WITH)\b/i.test(sql);
  let packed: NativeStatement | undefined;
  return (args) => {
    if (isFirst || !canPack) {
      isFirst = false;
      return statement.all(args);
    }
    try {
      packed ??= database.prepare(packedQuery(sql, width)).raw(true);
      return JSON.parse(packed.get(args)![0] as string);
    } catch {
      packed = undefined; // after an error it would go on where it stopped
    }
    const rows = statement.all(args); // throws what is to be told
    canPack = false; // what JSON cannot hold, such as a BLOB
    return rows;
  };
}

/**
 * A query whose only cell is the JSON of all rows. SQLite writes numbers with 15 digits into JSON, which changes them,
 * so they are printed with the 17 that tell any two apart. Texts that SQLite takes for JSON stay texts.
 */
function packedQuery(sql: string, width: number): string {
  const names = Array.from({ length: width }, (_, index) => `c${index}`);
  const cells = names.map((name) =>
    `CASE typeof(${name}) WHEN 'real' THEN json(printf('%!.17g', ${name})) ` +
    `WHEN 'text' THEN ${name} || '' ELSE ${name} END`
  );
  return `WITH q(${names}) AS (${sql}\n) SELECT json_group_array(json_array(${cells})) FROM q`;
}
