import { deepEqual, equal } from "node:assert/strict";
import { mlflowRefusal } from "./mlflow_refusal.ts";

const facts = { what: "Cannot tell who you are", why: "no token", fix: "Send one" };

Deno.test("mlflowRefusal() words an error for MLflow's clients, and for nobody else", () => {
  deepEqual(mlflowRefusal("/api/2.0/mlflow/runs/create", 401, facts), {
    error_code: "UNAUTHENTICATED",
    message: "Cannot tell who you are: no token. Send one",
  });
  equal(mlflowRefusal("/api/runs", 401, facts), undefined);
});
