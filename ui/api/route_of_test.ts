import { equal } from "node:assert/strict";
import { routeOf } from "./route_of.ts";

for (
  const [path, route] of [
    ["/", "/"],
    ["/predict", "/predict"],
    ["/models/team%2Fdigits/predict", "/models/:name/predict"],
    ["/models/digits/versions/3/predict", "/models/:name/versions/:version/predict"],
    ["/models/digits", "/models/:id"],
    ["/runs/0123/chart.svg", "/runs/:id/chart"],
    ["/runs/0123/artifacts/train/model/model.onnx", "/runs/:id/artifacts"],
    ["/api/2.0/mlflow/runs/create", "/api/2.0/mlflow"],
    ["/api/runs/0123", "/api/runs"],
    ["/static/style.css", "/static"],
    ["/wp-admin.php", "other"],
  ] as const
) {
  Deno.test(`routeOf() of ${path} is ${route}`, () => {
    equal(routeOf(path), route);
  });
}
