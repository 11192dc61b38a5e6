import { Hono } from "hono";

// Peer of bench:serve: the least that a server of JSON does.
const app = new Hono().post("/predict", async (c) => c.json(await c.req.json()));
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} }, app.fetch);
