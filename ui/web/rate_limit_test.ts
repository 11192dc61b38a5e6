import { deepEqual, equal } from "node:assert/strict";
import { openRateLimit } from "./rate_limit.ts";

Deno.test("openRateLimit() lets a burst through, then so many a second, each key for itself", () => {
  let time = 0;
  const limit = openRateLimit({ perSecond: 2, burst: 3 }, () => time);

  deepEqual([1, 2, 3, 4].map(() => limit.take("a")), [true, true, true, false]);
  equal(limit.take("b"), true);
  time = 500;
  deepEqual([limit.take("a"), limit.take("a")], [true, false]);
  time = 1_000_000;
  deepEqual([1, 2, 3, 4].map(() => limit.take("a")), [true, true, true, false]);
});
