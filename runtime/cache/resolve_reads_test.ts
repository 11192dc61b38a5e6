import { deepEqual, equal, rejects } from "node:assert/strict";
import { champion, type ExplainedError, file, url } from "../../pipeline/mod.ts";
import { type ReadSources, resolveReads } from "./resolve_reads.ts";

const sources: ReadSources = {
  onPath: () => {},
  resolvePath: (path) => path,
  hashFile: async (path) => `hash of ${await Deno.readTextFile(path)}`,
  findChampion: (model) =>
    Promise.resolve(
      model === "known" ? { model, version: 3, metrics: { f1: 1 }, tags: {} } : undefined,
    ),
};

/** A server on this machine that answers like a data host. */
function openHost(etag: string | null) {
  let body = "one";
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    asked.push(request.method);
    if (new URL(request.url).pathname === "/gone") return new Response(null, { status: 404 });
    return new Response(
      request.method === "HEAD" ? null : body,
      etag === null ? {} : { headers: { etag } },
    );
  });
  return {
    address: `http://localhost:${server.addr.port}/data`,
    asked,
    change: (text: string) => void (body = text),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("resolveReads() keys a file by its content, a folder by all of its files", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.txt`, "a");

  const before = await resolveReads([file(`${folder}/a.txt`), file(folder)], sources);
  await Deno.writeTextFile(`${folder}/b.txt`, "b");
  const after = await resolveReads([file(`${folder}/a.txt`), file(folder)], sources);

  equal(before.parts[`file ${folder}/a.txt`], "hash of a");
  equal(after.parts[`file ${folder}/a.txt`], "hash of a");
  equal(before.parts[`file ${folder}`] === after.parts[`file ${folder}`], false);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("resolveReads() calls a file that is not there missing: the step explains it", async () => {
  deepEqual((await resolveReads([file("/no/such file")], sources)).parts, {
    "file /no/such file": "missing",
  });
});

Deno.test("resolveReads() keys a champion by its version", async () => {
  const { parts, champions } = await resolveReads([champion("known"), champion("new")], sources);

  deepEqual(parts, { "champion known": "version 3", "champion new": "none" });
  equal(champions.get("known")?.version, 3);
  equal(champions.get("new"), undefined);
});

Deno.test("resolveReads() keys a URL by its ETag and downloads nothing until it is asked", async () => {
  await using host = openHost('"v1"');

  const { parts, contents, isVolatile } = await resolveReads([url(host.address)], sources);

  deepEqual(parts, { [`url ${host.address}`]: '"v1"' });
  equal(isVolatile, true);
  deepEqual(host.asked, ["HEAD"]);
  equal(new TextDecoder().decode(await contents.get(host.address)!()), "one");
});

Deno.test("resolveReads() keys a URL without ETag by its content", async () => {
  await using host = openHost(null);

  const before = await resolveReads([url(host.address)], sources);
  host.change("two");
  const after = await resolveReads([url(host.address)], sources);

  equal(Object.values(before.parts)[0] === Object.values(after.parts)[0], false);
});

Deno.test("a URL that does not answer is told with its status", async () => {
  await using host = openHost(null);
  const gone = host.address.replace("/data", "/gone");

  await rejects(() => resolveReads([url(gone)], sources), (error: ExplainedError) => {
    equal(error.code, "reads/unreachable-url");
    equal(error.why, "it answers 404 Not Found");
    return true;
  });
});
