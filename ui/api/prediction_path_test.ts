import { deepEqual, equal } from "node:assert/strict";
import { findPredictionPath, pathOf } from "./prediction_path.ts";

const ORIGIN = "http://127.0.0.1:8000";

for (
  const [path, target, route] of [
    ["/predict", undefined, "/predict"],
    ["/predict?why=secret", undefined, "/predict"],
    ["/models/digits/predict", { name: "digits", alias: "champion" }, "/models/:name/predict"],
    [
      `/models/${encodeURIComponent("team/손글씨 @1")}/aliases/${
        encodeURIComponent("a b")
      }/predict`,
      { name: "team/손글씨 @1", alias: "a b" },
      "/models/:name/aliases/:alias/predict",
    ],
    [
      "/models/digits/versions/12/predict",
      { name: "digits", version: 12 },
      "/models/:name/versions/:version/predict",
    ],
  ] as const
) {
  Deno.test(`findPredictionPath() reads ${path}`, () => {
    for (const _ of ["read", "remembered"]) {
      const found = findPredictionPath(ORIGIN + path)!;

      deepEqual(found.target, target);
      equal(found.route, route);
      equal(found.path, path.split("?")[0]);
    }
  });
}

for (
  const path of [
    "/",
    "/predict/",
    "/predictions",
    "/invocations",
    "/models/digits",
    "/models//predict",
    "/models/a/b/predict",
    "/models/a/versions/one/predict",
    "/models/%E0%A4%A/predict",
  ]
) {
  Deno.test(`findPredictionPath() leaves ${path} to the router`, () => {
    equal(findPredictionPath(ORIGIN + path), undefined);
    equal(findPredictionPath(ORIGIN + path), undefined);
  });
}

Deno.test("pathOf() leaves out the query", () => {
  equal(pathOf("http://[::1]:8000/runs?token=x"), "/runs");
  equal(pathOf("http://localhost/"), "/");
});
