import { deepEqual, equal, match, ok } from "node:assert/strict";
import { RequestCounts } from "./request_counts.ts";

Deno.test("RequestCounts counts every request in all buckets that it fits in", () => {
  const counts = new RequestCounts([0.1, 1]);
  for (const seconds of [0.05, 0.5, 5]) counts.add("/predict", "POST", 200, seconds);
  counts.add("/predict", "POST", 400, 0.1);

  const text = counts.render();

  match(text, /^http_requests_total\{route="\/predict",method="POST",status="200"\} 3$/m);
  const buckets = [...text.matchAll(/_bucket\{[^}]*status="200",le="([^"]+)"\} (\d+)/g)];
  deepEqual(buckets.map(([, bound, count]) => [bound, count]), [
    ["0.1", "1"],
    ["1", "2"],
    ["+Inf", "3"],
  ]);
  match(text, /_sum\{[^}]*status="200"\} 5\.55/);
});

Deno.test("RequestCounts stays small, whatever routes and methods somebody makes up", () => {
  const counts = new RequestCounts([1]);
  for (let i = 0; i < 1000; i++) {
    counts.add(`/made-up-${i}`, "GET", 404, 0.1);
    counts.add("/", `METHOD${i}`, 405, 0.1);
  }

  const totals = counts.render().split("\n").filter((line) =>
    line.startsWith("http_requests_total{")
  );
  ok(totals.length <= 112, `${totals.length} series`);
  const sum = totals.reduce((all, line) => all + Number(line.split(" ").at(-1)), 0);
  equal(sum, 2000);
});
