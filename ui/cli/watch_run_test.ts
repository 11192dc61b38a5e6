import { deepEqual } from "node:assert/strict";
import { withoutWatch } from "./watch_run.ts";

Deno.test("withoutWatch() leaves what the repeated command needs", () => {
  deepEqual(withoutWatch(["run", "iris", "--watch", "--set", "w=1"]), [
    "run",
    "iris",
    "--set",
    "w=1",
  ]);
  deepEqual(withoutWatch(["run", "-w", "-iw", "window"]), ["run", "-i", "window"]);
});
