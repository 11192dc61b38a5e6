import { deepEqual, equal, ok } from "node:assert/strict";
import { ExplainedError } from "../../pipeline/mod.ts";
import { BadInputError } from "../../runtime/serving/mod.ts";
import { answerError } from "./error_answer.ts";
import type { ServerEvent, ServerLog } from "./server_log.ts";

function collect(): { log: ServerLog; events: ServerEvent[] } {
  const events: ServerEvent[] = [];
  return { events, log: { write: (event) => void events.push(event), [Symbol.dispose]: () => {} } };
}

for (
  const [code, status] of [
    ["serving/unknown-model", 404],
    ["serving/unknown-alias", 404],
    ["serving/unknown-version", 404],
    ["run/unknown", 404],
    ["preprocessing/bad-rows", 400],
    ["serving/overloaded", 503],
    ["serving/bad-output", 500],
    ["serving/no-files", 500],
    ["store/damaged", 500],
  ] as const
) {
  Deno.test(`answerError() answers ${status} to ${code}`, () => {
    const { log } = collect();
    const error = new ExplainedError(code, { what: "Cannot", why: "because", fix: "Do" });

    const answer = answerError(error, { id: "r1", method: "GET", path: "/", log });

    equal(answer.status, status);
    equal(answer.error.code, code);
    equal(answer.headers["retry-after"], status === 503 ? "1" : undefined);
  });
}

Deno.test("answerError() names every problem of an input", () => {
  const { log, events } = collect();
  const error = new BadInputError("digits/1", ["row 1: bad", "row 2: bad"], 2);

  const answer = answerError(error, { id: "r1", method: "POST", path: "/predict", log });

  deepEqual(answer.error.problems, ["row 1: bad", "row 2: bad"]);
  deepEqual(events, []);
});

Deno.test("answerError() tells a stranger nothing of a bug but the id that stands in the log", () => {
  const { log, events } = collect();

  const answer = answerError(new TypeError("secret of /home/mina"), {
    id: "r1",
    method: "POST",
    path: "/predict",
    log,
  });

  equal(answer.status, 500);
  equal(JSON.stringify(answer).includes("mina"), false);
  const [event] = events;
  ok(event?.type === "request-failed");
  equal(event.id, answer.error.id);
  equal(event.problem, "secret of /home/mina");
});

Deno.test("answerError() takes what is thrown without being an error", () => {
  const { log, events } = collect();

  equal(answerError("boom", { id: "r1", method: "GET", path: "/", log }).status, 500);
  ok(events[0]?.type === "request-failed" && events[0].problem === "boom");
});
