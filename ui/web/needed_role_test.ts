import { equal } from "node:assert/strict";
import { neededRole } from "./needed_role.ts";

for (
  const [method, path, role] of [
    ["GET", "/runs", "viewer"],
    ["POST", "/predict", "viewer"],
    ["POST", "/models/team%2Fdigits/aliases/candidate/predict", "viewer"],
    ["POST", "/invocations", "viewer"],
    ["POST", "/runs/abc/rerun", "editor"],
    ["POST", "/runs/abc/stop", "editor"],
    ["POST", "/pipelines/digits/run", "editor"],
    ["POST", "/api/pipelines/digits/run", "editor"],
    ["POST", "/api/runs/abc/stop", "editor"],
    ["POST", "/api/2.0/mlflow/runs/search", "viewer"],
    ["POST", "/api/2.0/mlflow/runs/create", "editor"],
    ["POST", "/models/digits/approve", "admin"],
    ["DELETE", "/api/2.0/mlflow/registered-models/delete", "admin"],
    ["PUT", "/predict", "editor"],
  ] as const
) {
  Deno.test(`neededRole() of ${method} ${path} is ${role}`, () => {
    equal(neededRole(method, path), role);
  });
}
