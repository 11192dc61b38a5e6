import { ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openTemporaryStore } from "./temporary_store.ts";

Deno.test("reading keeps no memory, however often", async () => {
  await using store = await openTemporaryStore();
  const times = 150_000;
  const script = fileURLToPath(new URL("./testdata/read_many_times.ts", import.meta.url));

  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--v8-flags=--expose-gc", script, store.folder, String(times)],
    stderr: "inherit",
  }).output();

  // With a list of rows from the library each reading lost over 100 bytes, 18 MB here.
  const grown = Number(new TextDecoder().decode(stdout));
  ok(grown < times * 20, `${grown} bytes after ${times} readings`);
});
