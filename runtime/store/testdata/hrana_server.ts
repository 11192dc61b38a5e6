// A remote database as far as the client needs one: Hrana 2 over HTTP, on SQLite in memory.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_2_SPEC.md
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

type Value = { type: "null" } | { type: "integer" | "text"; value: string } | {
  type: "float";
  value: number;
};
interface Statement {
  readonly sql?: string;
  /** Of a text that was stored before. */
  readonly sql_id?: number;
  readonly args?: readonly Value[];
}
type Condition =
  | { readonly type: "ok"; readonly step: number }
  | { readonly type: "not"; readonly cond: Condition }
  | { readonly type: "and"; readonly conds: readonly Condition[] }
  | { readonly type: "is_autocommit" };
interface Request {
  readonly type: "execute" | "batch" | "sequence" | "close" | "get_autocommit" | "store_sql";
  readonly stmt?: Statement;
  readonly sql?: string;
  readonly sql_id?: number;
  readonly batch?: { readonly steps: readonly { stmt: Statement; condition?: Condition }[] };
}

/** A server of one in-memory database that wants a token. One client at a time. */
export function serveDatabase(token: string): Deno.HttpServer<Deno.NetAddr> {
  const database = new DatabaseSync(":memory:");
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    if (request.headers.get("authorization") !== `Bearer ${token}`) {
      return new Response("who are you?", { status: 401 });
    }
    if (new URL(request.url).pathname !== "/v2/pipeline") return new Response("", { status: 404 });
    const { requests } = await request.json() as { requests: Request[] };
    const results = requests.map((each) => attempt(() => answer(database, each)));
    const baton = requests.some(({ type }) => type === "close") ? null : "stream";
    return Response.json({ baton, base_url: null, results });
  });
}

function attempt(work: () => unknown): unknown {
  try {
    return { type: "ok", response: work() };
  } catch (error) {
    return { type: "error", error: errorOf(error) };
  }
}

function errorOf(error: unknown): { message: string; code: string } {
  return { message: (error as Error).message, code: "SQLITE_ERROR" };
}

function answer(database: DatabaseSync, request: Request): unknown {
  const { type } = request;
  if (type === "execute") return { type, result: execute(database, request.stmt!) };
  if (type === "store_sql") texts.set(request.sql_id!, request.sql!);
  if (type === "sequence") database.exec(textOf(request));
  if (type === "get_autocommit") return { type, is_autocommit: !database.isTransaction };
  if (type !== "batch") return { type };
  const results: unknown[] = [];
  const errors: unknown[] = [];
  const holds = (condition: Condition): boolean => {
    if (condition.type === "ok") return results[condition.step] != null;
    if (condition.type === "not") return !holds(condition.cond);
    if (condition.type === "and") return condition.conds.every(holds);
    return !database.isTransaction;
  };
  for (const { stmt, condition } of request.batch!.steps) {
    let [result, error]: unknown[] = [null, null];
    try {
      if (condition === undefined || holds(condition)) result = execute(database, stmt);
    } catch (thrown) {
      error = errorOf(thrown);
    }
    results.push(result);
    errors.push(error);
  }
  return { type, result: { step_results: results, step_errors: errors } };
}

const texts = new Map<number, string>();

function textOf({ sql, sql_id }: Pick<Statement, "sql" | "sql_id">): string {
  return sql ?? texts.get(sql_id!)!;
}

function execute(database: DatabaseSync, stmt: Statement): unknown {
  const { args = [] } = stmt;
  const statement = database.prepare(textOf(stmt));
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const values = args.map((value): SQLInputValue => {
    if (value.type === "null") return null;
    return value.type === "integer" ? BigInt(value.value) : value.value;
  });
  const cols = statement.columns().map(({ name }) => ({ name, decltype: null }));
  if (cols.length === 0) {
    const { changes, lastInsertRowid } = statement.run(...values);
    const last_insert_rowid = String(lastInsertRowid);
    return { cols, rows: [], affected_row_count: Number(changes), last_insert_rowid };
  }
  const rows = statement.all(...values) as unknown as (bigint | number | string | null)[][];
  return { cols, rows: rows.map((row) => row.map(encode)), affected_row_count: 0 };
}

function encode(value: bigint | number | string | null): Value {
  if (value === null) return { type: "null" };
  if (typeof value === "bigint") return { type: "integer", value: String(value) };
  return typeof value === "number" ? { type: "float", value } : { type: "text", value };
}
