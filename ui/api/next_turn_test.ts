import { deepEqual, equal } from "node:assert/strict";
import { nextTurn } from "./next_turn.ts";

Deno.test("nextTurn() is the same for all who ask in one turn, and comes before what waits for a later one", async () => {
  const order: string[] = [];
  const first = nextTurn();
  equal(nextTurn(), first);
  const waiting = [
    first.then(() => order.push("one")),
    nextTurn().then(() => order.push("two")),
    Promise.resolve().then(() => order.push("at once")),
  ];
  await Promise.all(waiting);
  const later = nextTurn();

  deepEqual(order, ["at once", "one", "two"]);
  equal(later === first, false);
  await later;
});
