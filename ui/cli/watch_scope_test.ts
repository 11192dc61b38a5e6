import { deepEqual, equal } from "node:assert/strict";
import { isInScope, watchedFolders, type WatchScope } from "./watch_scope.ts";

const scope: WatchScope = {
  folder: "/p/configs/iris",
  files: new Set(["/p/configs/iris/pipeline.ts", "/p/mod.ts", "/p/deno.json", "/data/iris.bin"]),
  ignored: ["/p/configs/iris/runs"],
};

const cases: readonly (readonly [path: string, isWatched: boolean])[] = [
  ["/p/configs/iris/pipeline.ts", true],
  ["/p/configs/iris/fast.yaml", true],
  ["/p/configs/iris/steps/new.ts", true],
  ["/p/configs/iris/iris.csv", true],
  ["/data/iris.bin", true],
  ["/data/other.csv", false],
  ["/p/mod.ts", true],
  ["/p/other.ts", false],
  ["/p/configs/irises/pipeline.ts", false],
  ["/p/configs/iris/runs/x/events.jsonl", false],
  ["/p/configs/iris/.git/index.ts", false],
  ["/p/configs/iris/node_modules/a/a.js", false],
  ["/p/configs/iris/pipeline.ts~", false],
  ["/p/configs/iris/.pipeline.ts.swp", false],
];

for (const [path, isWatched] of cases) {
  Deno.test(`isInScope() of ${path} is ${isWatched}`, () =>
    equal(isInScope(scope, path), isWatched));
}

Deno.test("watchedFolders() watches the pipeline's folder whole and other folders alone", () => {
  deepEqual(watchedFolders(scope), { deep: "/p/configs/iris", flat: ["/data", "/p"] });
});
