import { equal } from "node:assert/strict";
import { join } from "node:path";
import { announceServer, findServer } from "./server_address.ts";

Deno.test("findServer() finds one that listens, and neither a killed nor a stopped one", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hanok-test-" });
  try {
    equal(await findServer(folder), undefined);
    const server = Deno.serve({ port: 0, onListen: () => {} }, () => new Response("ok"));
    const url = `http://127.0.0.1:${server.addr.port}/`;
    const earlier = await announceServer(folder, "http://127.0.0.1:1/");
    {
      await using _announced = await announceServer(folder, url);
      equal(await findServer(folder), url);
      await earlier[Symbol.asyncDispose]();
      equal(await findServer(folder), url);
      await server.shutdown();
      equal(await findServer(folder), undefined);
    }
    for (const text of ["{", "{}", '{"url":"here"}']) {
      await Deno.writeTextFile(join(folder, "server.json"), text);
      equal(await findServer(folder), undefined);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
