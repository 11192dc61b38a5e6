import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { beginRun, openTemporaryStore } from "../store/temporary_store.ts";
import { logMetrics, type Store } from "../store/mod.ts";
import { type NaiveRun, naiveSearch } from "./_naive_search.ts";
import { renderClause } from "./parse_filter.ts";
import { type RunSearch, searchRuns } from "./search_runs.ts";
import type { Clause, OrderTerm } from "./search_terms.ts";

/** Texts that have broken searches elsewhere: quotes, wildcards, comments, other scripts. */
const NASTY = [
  "a",
  "A",
  "",
  "it's",
  'say "x"',
  "`b`",
  "100%",
  "a_b",
  "aXb",
  "*",
  "?",
  "[a]",
  "'; DROP TABLE runs; --",
  "한옥",
  "É",
  "é",
  "\\",
  "a AND b",
  "(",
  "x\ny",
];
const KEYS = ["k", "a b", "a.b", "train/loss", "키", "AND"];
const nasty = fc.constantFrom(...NASTY);
const metricValue = fc.constantFrom(-1, 0, 0.1, 0.1 + 0.2, 1e300, NaN);

const stored = fc.record({
  name: nasty.map((text) => text || "n"),
  startTime: fc.integer({ min: 0, max: 3 }),
  endTime: fc.option(fc.integer({ min: 5, max: 7 })),
  status: fc.constantFrom("RUNNING" as const, "FINISHED" as const),
  metrics: fc.dictionary(fc.constantFrom("k", "train/loss"), metricValue),
  params: fc.dictionary(fc.constantFrom(...KEYS), nasty),
  tags: fc.dictionary(fc.constantFrom(...KEYS), nasty),
});

const textual = fc.constantFrom("=" as const, "!=" as const, "LIKE" as const, "ILIKE" as const);
const numeric = fc.constantFrom("=" as const, "!=" as const, "<" as const, ">=" as const);
const pattern = fc.oneof(nasty, fc.constantFrom("%a%", "_", "%'%", "[a]", "a%", "%É", "X_%"));
const key = fc.constantFrom(...KEYS, "it's");
const clause: fc.Arbitrary<Clause> = fc.oneof(
  fc.record({
    entity: fc.constant("metric" as const),
    key: fc.constantFrom("k", "train/loss"),
    comparator: numeric,
    value: fc.constantFrom(-1, 0, 0.1, 0.30000000000000004),
  }),
  fc.record({
    entity: fc.constantFrom("param" as const, "tag" as const),
    key,
    comparator: textual,
    value: pattern,
  }),
  fc.record({
    entity: fc.constant("attribute" as const),
    key: fc.constantFrom("run_name", "status"),
    comparator: textual,
    value: pattern,
  }),
  fc.record({
    entity: fc.constant("attribute" as const),
    key: fc.constantFrom("start_time", "end_time"),
    comparator: numeric,
    value: fc.integer({ min: 0, max: 7 }),
  }),
);
const order: fc.Arbitrary<OrderTerm[]> = fc.uniqueArray(
  fc.record({
    entity: fc.constantFrom("metric" as const, "param" as const, "tag" as const),
    key: fc.constantFrom("k", "train/loss", "a b"),
    descending: fc.boolean(),
  }) as fc.Arbitrary<OrderTerm>,
  { maxLength: 3, selector: ({ entity, key }) => `${entity}.${key}` },
).chain((terms) =>
  fc.option(fc.constantFrom("end_time", "run_name", "start_time")).map((name) =>
    name === null ? terms : [...terms, { entity: "attribute", key: name, descending: false }]
  )
);

const SEARCH: RunSearch = {
  experimentIds: [1],
  filter: "",
  orderBy: [],
  view: "active",
  limit: 1000,
  token: "",
};

Deno.test("searchRuns() finds what a naive search in memory finds, page by page", async () => {
  await using store = await openTemporaryStore();
  const facts = fc.sample(stored, { seed: 6, numRuns: 60 });
  const runs: NaiveRun[] = [];
  for (const each of facts) runs.push(await keep(store, each));

  await fc.assert(
    fc.asyncProperty(
      fc.array(clause, { maxLength: 3 }),
      order,
      fc.integer({ min: 1, max: 30 }),
      async (clauses, terms, limit) => {
        const filter = clauses.map(renderClause).join(" and ");
        const orderBy = terms.map(renderTerm);
        const found: string[] = [];
        let token: string | undefined = "";
        while (token !== undefined) {
          const page = await searchRuns(store, { ...SEARCH, filter, orderBy, limit, token });
          ok(page.runIds.length <= limit);
          found.push(...page.runIds);
          token = page.token;
        }
        deepEqual(found, naiveSearch(runs, clauses, terms), filter);
      },
    ),
    { seed: 66, numRuns: 150 },
  );
});

Deno.test("searchRuns() changes nothing, whatever the filter says", async () => {
  await using store = await openTemporaryStore();
  await keep(store, fc.sample(stored, { seed: 1, numRuns: 1 })[0]!);
  const attacks = [
    "name = 'a'; DROP TABLE runs",
    "params.`k` = 'a' OR 1=1",
    "tags.k = '' UNION SELECT 1",
    "metrics.k > 1) OR (1=1",
    "attributes.run_id IN ('a'); DELETE FROM runs; --')",
    "attributes.start_time > 1 --",
    "attributes.run_name LIKE '%' ESCAPE 'a'",
    "params.`a') OR ('1'='1` = 'x'",
  ];

  for (const filter of attacks) {
    await searchRuns(store, { ...SEARCH, filter }).then(
      ({ runIds }) => deepEqual(runIds, [], filter),
      (error) => equal(error.code, "INVALID_PARAMETER_VALUE", filter),
    );
  }
  for (const orderBy of ["metrics.k; DROP TABLE runs", "start_time DESC, run_id", "1", "`a` b"]) {
    await rejects(() => searchRuns(store, { ...SEARCH, orderBy: [orderBy] }), {
      code: "INVALID_PARAMETER_VALUE",
    });
  }

  deepEqual((await store.cells("SELECT count(*) FROM runs"))[0], [1]);
});

for (
  const token of ["x", "!!", btoa('{"offset":5}'), btoa('["[]",0,"a"]'), btoa('["[]",0,[1],"a"]')]
) {
  Deno.test(`searchRuns() refuses the page token ${token}`, async () => {
    await using store = await openTemporaryStore();

    await rejects(() => searchRuns(store, { ...SEARCH, token }), {
      code: "INVALID_PARAMETER_VALUE",
    });
  });
}

async function keep(
  store: Store,
  facts: typeof stored extends fc.Arbitrary<infer Facts> ? Facts : never,
): Promise<NaiveRun> {
  const { metrics, params, tags, startTime, endTime, status, name } = facts;
  const { runId } = await beginRun(store, { startTime, params, tags, runName: name });
  await store.client.execute({
    sql: "UPDATE runs SET status = ?, end_time = ? WHERE run_id = ?",
    args: [status, endTime, runId],
  });
  const points = Object.entries(metrics)
    .map(([key, value]) => ({ key, value, timestamp: 1, step: 0 }));
  await logMetrics(store, runId, points);
  return {
    runId,
    attributes: {
      run_id: runId,
      run_name: name,
      status,
      start_time: startTime,
      end_time: endTime,
    },
    metrics,
    params,
    tags,
  };
}

function renderTerm({ entity, key, descending }: OrderTerm): string {
  const name = entity === "attribute" ? key : `${entity}s.\`${key}\``;
  return descending ? `${name} DESC` : name;
}
