import { equal } from "node:assert/strict";

// What serving builds on: Deno aborts a request's signal when its caller leaves, and only then ("no-legacy-abort" in
// deno.json; without it the signal is aborted after every answer, too).
Deno.test("a request's signal is aborted when its caller leaves, and not when it is answered", async () => {
  const arrived = Promise.withResolvers<Request>();
  const left = Promise.withResolvers<void>();
  const answered: Request[] = [];
  await using server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
    if (new URL(request.url).pathname === "/quick") {
      answered.push(request);
      return new Response("ok");
    }
    request.signal.addEventListener("abort", () => left.resolve(), { once: true });
    arrived.resolve(request);
    await left.promise;
    return new Response("too late");
  });
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const caller = new AbortController();

  const asked = fetch(`${origin}/slow`, { signal: caller.signal }).catch(() => "gone");
  await arrived.promise;
  caller.abort();
  await left.promise;
  equal(await asked, "gone");

  equal(await (await fetch(`${origin}/quick`)).text(), "ok");
  equal(await (await fetch(`${origin}/quick`)).text(), "ok");
  equal(answered[0]!.signal.aborted, false);
});
