import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { openAccessLog } from "./access_log.ts";

Deno.test("openAccessLog() writes a JSON line a request, in order, however many come at once", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const written = Array.from({ length: 20_000 }, (_, i) => ({
      id: `id${i}`,
      method: i % 3 === 0 ? "GET" : "POST",
      path: i % 2 === 0 ? "/predict" : '/a"\\\u0001',
      status: i % 5 === 0 ? 500 : 200,
      ms: i / 100,
    }));
    {
      await using log = await openAccessLog(folder);
      for (const line of written) log.write(line);
    }

    const text = await Deno.readTextFile(join(folder, "access.jsonl"));
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    deepEqual(lines.map(({ at: _, ...line }) => line), written);
    equal(Number.isNaN(Date.parse(lines[0].at)), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
