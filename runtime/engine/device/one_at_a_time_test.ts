import { deepEqual, equal, rejects } from "node:assert/strict";
import { oneAtATime } from "./one_at_a_time.ts";

Deno.test("oneAtATime() runs work in order, the next after the last has ended", async () => {
  const queue = oneAtATime();
  const events: string[] = [];
  const work = (name: string, turns: number) => async () => {
    events.push(`${name} begins`);
    for (let i = 0; i < turns; i++) await Promise.resolve();
    events.push(`${name} ends`);
    return name;
  };

  const results = await Promise.all([
    queue(work("a", 9)),
    queue(work("b", 0)),
    queue(work("c", 3)),
  ]);

  deepEqual(results, ["a", "b", "c"]);
  deepEqual(events, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

Deno.test("oneAtATime() goes on after work that failed", async () => {
  const queue = oneAtATime();
  const failed = queue(() => Promise.reject(new Error("no")));
  const next = queue(() => Promise.resolve(1));

  await rejects(failed, /no/);
  equal(await next, 1);
});
