import { deepEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseFilter, renderClause } from "./parse_filter.ts";
import { type Clause, EXPERIMENT_TERMS, RUN_TERMS } from "./search_terms.ts";

const key = fc.string({ unit: "binary", minLength: 1, maxLength: 12 })
  .filter((text) => !(text.includes("`") && text.includes('"')));
const clause: fc.Arbitrary<Clause> = fc.oneof(
  fc.record({
    entity: fc.constant("metric" as const),
    key,
    comparator: fc.constantFrom("=" as const, "!=" as const, ">" as const, "<=" as const),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  }),
  fc.record({
    entity: fc.constantFrom("param" as const, "tag" as const),
    key,
    comparator: fc.constantFrom("=" as const, "!=" as const, "LIKE" as const, "ILIKE" as const),
    value: fc.string({ unit: "binary" }),
  }),
  fc.record({
    entity: fc.constant("attribute" as const),
    key: fc.constant("run_id"),
    comparator: fc.constantFrom("IN" as const, "NOT IN" as const),
    value: fc.array(fc.string({ unit: "binary" }), { minLength: 1 }),
  }),
);

Deno.test("parseFilter() reads back what renderClause() writes", () => {
  fc.assert(
    fc.property(fc.array(clause, { maxLength: 4 }), (clauses) => {
      deepEqual(parseFilter(clauses.map(renderClause).join(" AND "), RUN_TERMS), clauses);
    }),
    { seed: 5, numRuns: 500 },
  );
});

Deno.test("parseFilter() answers every text with clauses or with an error of the protocol", () => {
  const piece = fc.constantFrom(
    ...'metrics.a params.`b c` tags."d" run_id = != >= LIKE IN NOT AND OR ( ) , \'x\' "y" \' ` 1 -2.5e3 ;'
      .split(" "),
  );
  fc.assert(
    fc.property(fc.array(piece).map((pieces) => pieces.join(" ")), (filter) => {
      try {
        parseFilter(filter, RUN_TERMS);
      } catch (error) {
        deepEqual((error as { code?: string }).code, "INVALID_PARAMETER_VALUE", filter);
      }
    }),
    { seed: 7, numRuns: 1000 },
  );
});

const read: Readonly<Record<string, Clause>> = {
  "metrics.m > 0.5": { entity: "metric", key: "m", comparator: ">", value: 0.5 },
  "metric.m>=-1e3": { entity: "metric", key: "m", comparator: ">=", value: -1000 },
  "params.\"a b\" = 'x'": { entity: "param", key: "a b", comparator: "=", value: "x" },
  "parameter.`a.b` like '%'": { entity: "param", key: "a.b", comparator: "LIKE", value: "%" },
  'tags.mlflow.source.name != "it\'s"': {
    entity: "tag",
    key: "mlflow.source.name",
    comparator: "!=",
    value: "it's",
  },
  "status = 'RUNNING'": {
    entity: "attribute",
    key: "status",
    comparator: "=",
    value: "RUNNING",
  },
  "attr.created > 5": { entity: "attribute", key: "start_time", comparator: ">", value: 5 },
  "run.`run name` ILIKE 'A'": {
    entity: "attribute",
    key: "run_name",
    comparator: "ILIKE",
    value: "A",
  },
  "attributes.run_id not  in ('a', 'b')": {
    entity: "attribute",
    key: "run_id",
    comparator: "NOT IN",
    value: ["a", "b"],
  },
  "datasets.context IN ('train')": {
    entity: "dataset",
    key: "context",
    comparator: "IN",
    value: ["train"],
  },
};
for (const [filter, clause] of Object.entries(read)) {
  Deno.test(`parseFilter() reads ${filter}`, () => {
    deepEqual(parseFilter(filter, RUN_TERMS), [clause]);
  });
}

const refused: Readonly<Record<string, RegExp>> = {
  "metrics.m > 'a'": /Expected numeric value type for metric. Found 'a'/,
  "metrics.m LIKE 1": /Invalid comparator 'LIKE'/,
  "params.p > 'a'": /Invalid comparator '>'/,
  "params.p = 5": /Expected a quoted string value for parameter \(e\.g\./,
  "params.p = x": /not quoted/,
  "nobody.p = 'a'":
    /'nobody'\. Valid values are \['metric', 'parameter', 'tag', 'attribute', 'dataset'\]/,
  "attribute.nothing = 'a'": /Invalid attribute key 'nothing'/,
  "dataset.nothing = 'a'": /Invalid dataset key 'nothing'/,
  "start_time = 'a'": /Expected numeric value type for numeric attribute: start_time/,
  "status = 'a' OR status = 'b'": /Invalid clause\(s\) in filter string: 'OR/,
  "(status = 'a')": /Invalid clause/,
  "NOT status = 'a'": /Invalid clause/,
  "status = 'a' status = 'b'": /Invalid clause/,
  "status = 'a' AND": /Invalid clause|Invalid comparison/,
  "status =": /Expected 3 tokens found 2/,
  "status": /Invalid clause/,
  "'a' = status": /Invalid clause/,
  "status = 'a": /Invalid clause/,
  "run_id IN ()": /ill-formed list/,
  "run_id IN ('a' 'b')": /ill-formed list/,
  "run_name IN ('a')": /Invalid comparator 'IN'/,
};
for (const [filter, says] of Object.entries(refused)) {
  Deno.test(`parseFilter() refuses ${filter}`, () => {
    throws(() => parseFilter(filter, RUN_TERMS), says);
  });
}

Deno.test("parseFilter() of experiments knows no metrics", () => {
  throws(() => parseFilter("metrics.m > 1", EXPERIMENT_TERMS), /Invalid entity type 'metrics'/);
});
