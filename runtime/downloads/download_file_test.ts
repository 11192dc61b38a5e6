import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { downloadFile } from "./download_file.ts";

const CONTENT = new TextEncoder().encode("리뷰 ".repeat(50_000));

/** A server of one file, and what it was asked. */
interface FileServer extends AsyncDisposable {
  readonly address: string;
  readonly requests: (string | null)[];
  /** What is served from now on. */
  content: Uint8Array<ArrayBuffer>;
  /** Bytes after which the connection breaks, for the answers to come. */
  breaks: number[];
  status: number;
}

function serveFile(): FileServer {
  const server: Omit<FileServer, "address" | typeof Symbol.asyncDispose> = {
    requests: [],
    content: CONTENT,
    breaks: [],
    status: 200,
  };
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const range = request.headers.get("range");
    server.requests.push(range);
    if (server.status !== 200) return new Response("no", { status: server.status });
    const etag = `"${server.content.length}"`;
    const start = request.headers.get("if-range") === etag ? Number(range?.slice(6, -1)) : 0;
    const rest = server.content.subarray(start);
    const end = server.breaks.shift();
    const body = end === undefined ? rest : new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(rest.subarray(0, end));
        controller.close(); // fewer bytes than the header says: the connection breaks
      },
    });
    return new Response(body, {
      status: start > 0 ? 206 : 200,
      headers: { etag, ...(end === undefined ? {} : { "content-length": String(rest.length) }) },
    });
  });
  return Object.assign(server, {
    address: `http://127.0.0.1:${http.addr.port}/ratings.txt`,
    [Symbol.asyncDispose]: () => http.shutdown(),
  });
}

async function openPlace() {
  const folder = await Deno.makeTempDir({ prefix: "hanok-download-" });
  const signal = new AbortController().signal;
  return {
    options: { folder, signal },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("downloadFile() fetches once, tells how far it is, and then needs no network", async () => {
  await using place = await openPlace();
  let path: string;
  let address: string;
  const told: (number | undefined)[][] = [];
  {
    await using server = serveFile();
    address = server.address;
    path = await downloadFile(address, {
      ...place.options,
      onBytes: (done, total) => void told.push([done, total]),
    });
    equal(await downloadFile(address, place.options), path);
    equal(server.requests.length, 1);
  }

  equal(await downloadFile(address, place.options), path);

  deepEqual(await Deno.readFile(path), CONTENT);
  deepEqual(told.at(-1), [CONTENT.length, CONTENT.length]);
});

Deno.test("downloadFile() goes on where a connection broke off", async () => {
  await using place = await openPlace();
  await using server = serveFile();
  server.breaks = [100_000, 150_000];

  const path = await downloadFile(server.address, place.options);

  deepEqual(await Deno.readFile(path), CONTENT);
  deepEqual(server.requests, [null, "bytes=100000-", "bytes=250000-"]);
});

Deno.test("downloadFile() keeps what came for the next process", async () => {
  await using place = await openPlace();
  await using server = serveFile();
  server.breaks = [100_000, 0, 0, 0];
  await rejects(() => downloadFile(server.address, place.options), {
    code: "download/unreachable",
    message: /100000 bytes that came are kept/,
  });

  const path = await downloadFile(server.address, place.options);

  equal(server.requests.at(-1), "bytes=100000-");
  deepEqual(await Deno.readFile(path), CONTENT);
});

Deno.test("downloadFile() starts again when the file became another one meanwhile", async () => {
  await using place = await openPlace();
  await using server = serveFile();
  server.breaks = [100_000, 0, 0, 0];
  await rejects(() => downloadFile(server.address, place.options));
  server.content = new TextEncoder().encode("짧다");

  const path = await downloadFile(server.address, place.options);

  equal(await Deno.readTextFile(path), "짧다");
});

Deno.test("downloadFile() refuses a file that is fetched again and differs", async () => {
  await using place = await openPlace();
  await using server = serveFile();
  const path = await downloadFile(server.address, place.options);
  await Deno.remove(path);
  server.content = CONTENT.toReversed();

  await rejects(() => downloadFile(server.address, place.options), (error: Error) => {
    match(error.message, /not what it was when it was first fetched/);
    return true;
  });

  server.content = CONTENT;
  deepEqual(await Deno.readFile(await downloadFile(server.address, place.options)), CONTENT);
});

Deno.test("downloadFile() says that there is neither network nor a copy", async () => {
  await using place = await openPlace();
  await using server = serveFile();
  server.status = 404;
  await rejects(() => downloadFile(server.address, place.options), {
    code: "download/not-there",
    why: "the server answers 404 Not Found",
  });
  server.status = 503;
  await rejects(() => downloadFile(server.address, place.options), {
    code: "download/unreachable",
    why: "the server answers 503 Service Unavailable",
  });
  await rejects(() => downloadFile("http://127.0.0.1:1/x", place.options), {
    code: "download/unreachable",
  });
});

Deno.test("downloadFile() called twice at once fetches once", async () => {
  await using place = await openPlace();
  await using server = serveFile();

  const paths = await Promise.all([
    downloadFile(server.address, place.options),
    downloadFile(server.address, place.options),
  ]);

  equal(paths[0], paths[1]);
  equal(server.requests.length, 1);
});
