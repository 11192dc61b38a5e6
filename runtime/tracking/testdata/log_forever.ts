// A process that logs to a run until it is killed: deno run -A log_forever.ts FOLDER
import { openStore } from "../../store/mod.ts";
import { startRun } from "../mod.ts";

await using store = await openStore({ folder: Deno.args[0]! });
await using run = await startRun({ experiment: "crash", store });
// deno-lint-ignore no-console -- the parent waits for it
console.log(run.id);
for (let step = 0;; step++) {
  for (let i = 0; i < 600; i++) run.log.metric("loss", i, { step: step * 600 + i });
  await run.log.tag("step", String(step));
  // deno-lint-ignore no-console -- the parent waits for it
  console.log(step);
}
