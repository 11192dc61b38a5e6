import { deepEqual, ok } from "node:assert/strict";
import { openContractServer } from "./_contract.ts";

const PATH = "/ajax-api/2.0/mlflow/gateway-proxy";

/** A deployments server that tells what it was asked. */
function openDeployments(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/busy")) return new Response("no room", { status: 429 });
    if (pathname.endsWith("/text")) return new Response("no JSON");
    return Response.json({ method: request.method, pathname, body: await request.text() });
  });
}

Deno.test("gateway-proxy has no endpoints without a deployments server", async () => {
  await using server = await openContractServer();
  for (const method of ["GET", "POST"]) {
    const answer = await server.request(PATH, { method });
    deepEqual([answer.status, await answer.json()], [200, { endpoints: [] }]);
  }
});

Deno.test("gateway-proxy hands requests on to the deployments server, below its address", async () => {
  await using deployments = openDeployments();
  const deploymentsTarget = `http://127.0.0.1:${deployments.addr.port}/base`;
  await using server = await openContractServer({ deploymentsTarget });
  const post = (body: object) =>
    server.request(PATH, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  const get = await server.request(`${PATH}?gateway_path=api/2.0/endpoints/`);
  deepEqual([get.status, await get.json()], [
    200,
    { method: "GET", pathname: "/base/api/2.0/endpoints/", body: "" },
  ]);
  const asked = await post({ gateway_path: "chat/invocations", json_data: { prompt: "한옥" } });
  deepEqual([asked.status, await asked.json()], [
    200,
    { method: "POST", pathname: "/base/chat/invocations", body: '{"prompt":"한옥"}' },
  ]);

  for (
    const [gateway_path, status, error_code, says] of [
      [undefined, 400, "INVALID_PARAMETER_VALUE", "must specify a gateway_path."],
      ["", 400, "INVALID_PARAMETER_VALUE", "must specify a gateway_path."],
      ["../admin", 400, "INVALID_PARAMETER_VALUE", "Invalid path"],
      ["a/%2e%2e/%2e%2e/admin", 400, "INVALID_PARAMETER_VALUE", "Invalid path"],
      ["chat/busy", 500, "INTERNAL_ERROR", "Error code 429: no room"],
      ["chat/text", 500, "INTERNAL_ERROR", "no JSON object: no JSON"],
    ] as const
  ) {
    const refused = await post({ gateway_path });
    const answer = await refused.json();
    deepEqual([refused.status, answer.error_code], [status, error_code], gateway_path ?? "none");
    ok(answer.message.includes(says), answer.message);
  }
  await deployments.shutdown();
  const alone = await post({ gateway_path: "chat" });
  deepEqual([alone.status, (await alone.json()).error_code], [500, "INTERNAL_ERROR"]);
});
