import { deepEqual } from "node:assert/strict";
import { pressCounter } from "./cancel_on_signal.ts";

const cases: readonly {
  readonly title: string;
  readonly times: readonly number[];
  readonly calls: readonly string[];
}[] = [
  { title: "one signal is the first press", times: [0], calls: ["first"] },
  { title: "signals that come together are one press", times: [0, 3, 150], calls: ["first"] },
  { title: "a later signal is the second press", times: [0, 3, 900], calls: ["first", "second"] },
];

for (const { title, times, calls } of cases) {
  Deno.test(`pressCounter(): ${title}`, () => {
    const called: string[] = [];
    const press = pressCounter({
      onFirst: () => called.push("first"),
      onSecond: () => called.push("second"),
    });

    for (const at of times) press(at);

    deepEqual(called, calls);
  });
}
