import { openStore } from "../open_store.ts";
import { selectRows } from "../rows.ts";

// Reads again and again, and prints by how many bytes the process has grown in the second half.
const [folder, times] = [Deno.args[0]!, Number(Deno.args[1])];
const { gc } = globalThis as unknown as { gc(): void };
await using store = await openStore({ folder });
for (let i = 0; i < times; i++) await read(i);
const before = await held();
for (let i = 0; i < times; i++) await read(i);
await Deno.stdout.write(new TextEncoder().encode(String(await held() - before)));

async function read(i: number): Promise<void> {
  const sql = "SELECT name, creation_time FROM experiments WHERE experiment_id >= ?";
  if (i % 2 === 0) await selectRows(store.client, sql, [-i]);
  else await store.cells(sql, [i]);
}

/** What the process holds when nothing waits to be collected. */
async function held(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50)); // native objects are freed by the event loop
  }
  return Deno.memoryUsage().rss;
}
