import { deepEqual, match } from "node:assert/strict";
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
