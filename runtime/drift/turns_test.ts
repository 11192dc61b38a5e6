import { equal, ok } from "node:assert/strict";
import { openTurns } from "./turns.ts";

Deno.test("openTurns() lets requests in while a long computation goes on", async () => {
  await using server = Deno.serve({ port: 0, onListen: () => {} }, () => new Response("answer"));
  const turn = openTurns();
  let answer: string | undefined;
  const asking = fetch(`http://127.0.0.1:${server.addr.port}/`)
    .then(async (response) => answer = await response.text());

  let turns = 0;
  while (answer === undefined && turns < 50) {
    const waiting = turn();
    if (waiting === undefined) continue;
    turns++;
    await waiting;
  }

  // With `setImmediate` it takes hundreds.
  ok(turns < 50, "no request was let in");
  equal(await asking, "answer");
});
