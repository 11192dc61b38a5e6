// A process that writes to a store until it is killed, or as often as it is told:
// deno run -A write_forever.ts FOLDER NAME TIMES
import { createRun, findCacheEntry, openStore, recordLogs, recordStepSuccess } from "../mod.ts";
import { putArtifact, successOf } from "../temporary_store.ts";

const [folder, name, times] = Deno.args;
await using store = await openStore({ folder: folder! });
const runId = crypto.randomUUID().replaceAll("-", "");
await createRun(store, { runId, experiment: name!, user: "child", startTime: Date.now() });
for (let i = 0; i < Number(times); i++) {
  const node = `${name}-${i}`;
  const made = await putArtifact(store, `${node} `.repeat(5000));
  await recordStepSuccess(store, successOf(runId, node, { made }));
  await recordLogs(store, runId, [{ node, at: i, level: "info", message: "done" }]);
  if (await findCacheEntry(store, `key of ${node}`) === undefined) throw new Error("lost");
  // deno-lint-ignore no-console -- the parent waits for it
  console.log(i);
}
