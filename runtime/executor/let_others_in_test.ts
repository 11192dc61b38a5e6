import { equal, ok } from "node:assert/strict";
import { letOthersIn } from "./let_others_in.ts";

/** Turns of a computation, with a millisecond of work or so in each, until something has happened; a hundred are too many. */
async function turnsUntil(hasHappened: () => boolean): Promise<number> {
  let turns = 0;
  let sum = 0;
  while (!hasHappened() && turns < 100) {
    for (let i = 0; i < 200_000; i++) sum += Math.sin(i);
    ok(Number.isFinite(sum));
    await letOthersIn();
    turns++;
  }
  return turns;
}

Deno.test("letOthersIn() lets a request in, and its answer out", async () => {
  await using server = Deno.serve({ port: 0, onListen: () => {} }, () => new Response("answer"));
  let answer: string | undefined;
  const asking = fetch(`http://127.0.0.1:${server.addr.port}/`)
    .then(async (response) => answer = await response.text());

  const turns = await turnsUntil(() => answer !== undefined);

  equal(await asking, "answer");
  // With `setImmediate` they are 165: the call, its way there and its answer are noticed up to 61 turns later each.
  ok(turns < 100, "nobody was let in");
});

Deno.test("letOthersIn() lets timers and signals in", async () => {
  let isOver = false;
  let isTold = false;
  const note = () => isTold = true;
  Deno.addSignalListener("SIGUSR2", note);
  const timer = setTimeout(() => isOver = true, 0);
  try {
    Deno.kill(Deno.pid, "SIGUSR2");
    ok(await turnsUntil(() => isTold) < 100, "the signal was not noticed");
    // A timer takes its time, however many turns that is.
    while (!isOver) await letOthersIn();
  } finally {
    clearTimeout(timer);
    Deno.removeSignalListener("SIGUSR2", note);
  }
  ok(isOver);
});
