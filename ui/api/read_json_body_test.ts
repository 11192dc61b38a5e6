import { deepEqual, rejects } from "node:assert/strict";
import { BODY_LIMIT, readBody, readJsonBody, readTextlessJson } from "./read_json_body.ts";

const JSON_TYPE = { "content-type": "application/json" };

function request(body: BodyInit | null, headers: Record<string, string> = JSON_TYPE): Request {
  return new Request("http://localhost/predict", { method: "POST", body, headers });
}

/** A body whose length nobody announced. */
function stream(...chunks: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
}

for (
  const type of [
    "application/json",
    "application/json; charset=utf-8",
    'Application/JSON;charset="UTF-8"',
    "application/json;",
  ]
) {
  Deno.test(`readJsonBody() takes the type ${type}`, async () => {
    deepEqual(await readJsonBody(request('{"a":1}', { "content-type": type })), { a: 1 });
  });
}

for (
  const type of ["", "text/plain", "application/jsonp", "application/json; charset=euc-kr", "json"]
) {
  Deno.test(`readJsonBody() answers 415 to the type "${type}"`, async () => {
    await rejects(readJsonBody(request("{}", { "content-type": type })), { status: 415 });
  });
}

Deno.test("readJsonBody() takes a replacement character that was sent, as itself or written out", async () => {
  deepEqual(await readJsonBody(request('["\ufffd", "\\ufffd"]')), ["\ufffd", "\ufffd"]);
});

Deno.test("readJsonBody() reads a body that comes in pieces", async () => {
  deepEqual(await readJsonBody(request(stream('{"a"', ":", "[1,2]}"))), { a: [1, 2] });
});

for (
  const { title, body } of [
    { title: "nothing", body: "" },
    { title: "half a document", body: '{"rows": [' },
    { title: "NaN", body: '{"x": NaN}' },
    { title: "lists that are nested very deep", body: "[".repeat(1_000_000) },
    { title: "invalid UTF-8", body: new Uint8Array([0x22, 0xff, 0x22]) },
  ]
) {
  Deno.test(`readJsonBody() answers 400 to ${title}`, async () => {
    await rejects(readJsonBody(request(body)), { status: 400, code: "request/bad-json" });
  });
}

Deno.test("readTextlessJson() gives what readJsonBody() gives, and refuses what it refuses", async () => {
  const answer = async (given: Request): Promise<Response> => {
    const read = given.url.endsWith("textless") ? readTextlessJson : readJsonBody;
    return Response.json(
      await read(given).then((value) => ({ value }), ({ status, why }) => ({ status, why })),
    );
  };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const ask = async (path: string, body: BodyInit, type: string): Promise<unknown> => {
    const url = `http://127.0.0.1:${server.addr.port}/${path}`;
    const headers = { "content-type": type };
    return await (await fetch(url, { method: "POST", body, headers })).json();
  };
  for (
    const { body, type = "application/json" } of [
      { body: '{"rows": [[1, -2.5e-3, 1e400]], "a": {"b": null}}' },
      { body: JSON.stringify({ rows: Array(50_000).fill([0.1]) }) },
      { body: stream("[1,", "2]") },
      { body: "\ufeff[1]" },
      { body: "" },
      { body: '{"rows": [' },
      { body: '{"x": NaN}' },
      { body: new Uint8Array([0x5b, 0xff, 0x5d]) },
      { body: "{}", type: "text/plain" },
      { body: " ".repeat(BODY_LIMIT + 1) },
    ]
  ) {
    const [one, other] = body instanceof ReadableStream ? body.tee() : [body, body];
    deepEqual(await ask("textless", one, type), await ask("strict", other, type));
  }
});

Deno.test("readBody() answers 413 to an announced length over the limit, without reading", async () => {
  const long = request(stream("x"), { ...JSON_TYPE, "content-length": String(BODY_LIMIT + 1) });

  await rejects(readBody(long), { status: 413 });
});

Deno.test("readBody() answers 503 to a body that breaks off", async () => {
  const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.error(new Error("connection reset")),
  });

  await rejects(readBody(request(broken)), { status: 503, code: "request/cut-off" });
});

Deno.test("readBody() stops reading a body without a length when it passes the limit", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      sent++;
      controller.enqueue(new Uint8Array(64));
    },
  });

  await rejects(readBody(request(endless), 1000), { status: 413 });
  deepEqual(sent < 100, true);
});
