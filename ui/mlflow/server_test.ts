import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const MAIN = fileURLToPath(new URL("../cli/main.ts", import.meta.url));

/** A server process on a store file in an empty folder. */
interface ServerProcess extends AsyncDisposable {
  readonly origin: string;
  kill(): Promise<void>;
  // deno-lint-ignore no-explicit-any -- a test reads what it expects, and fails where it is not
  post(path: string, body: object): Promise<any>;
  // deno-lint-ignore no-explicit-any -- as above
  get(path: string): Promise<any>;
}

async function startServer(folder: string): Promise<ServerProcess> {
  const store = join(folder, "db/mlflow.db");
  const root = pathToFileURL(join(folder, "files")).href;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", MAIN, "serve", "--port", "0", "--store", store]
      .concat("--artifact-root", root, "--json"),
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.trimEnd().endsWith("}")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The server did not start: ${printed}`);
    printed += value;
  }
  const origin = JSON.parse(printed).url.replace(/\/$/, "");
  const end = async (signal: Deno.Signal): Promise<void> => {
    try {
      process.kill(signal);
    } catch {
      // It has ended already.
    }
    await process.status;
    await reader.cancel();
  };
  const read = async (response: Response) => {
    const json = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(json));
    return json;
  };
  return {
    origin,
    kill: () => end("SIGKILL"),
    post: async (path, body) =>
      await read(
        await fetch(`${origin}/api/2.0/mlflow/${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      ),
    get: async (path) => await read(await fetch(`${origin}/api/2.0/mlflow/${path}`)),
    [Symbol.asyncDispose]: () => end("SIGTERM"),
  };
}

Deno.test("serve for MLflow's clients", async (t) => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hanok mlflow 한옥 " }));

  await t.step(
    "starts from an empty folder, with the experiment Default under the root",
    async () => {
      await using server = await startServer(folder);

      equal(await (await fetch(`${server.origin}/health`)).text(), "OK");
      equal((await fetch(`${server.origin}/version`)).status, 200);
      const { experiment } = await server.get("experiments/get?experiment_id=0");
      equal(experiment.name, "Default");
      equal(experiment.artifact_location, pathToFileURL(join(folder, "files/0")).href);
      const { run } = await server.post("runs/create", {});
      ok(run.info.artifact_uri.startsWith("file:///"));
      ok((await Deno.stat(join(folder, "db/mlflow.db"))).isFile);
    },
  );

  await t.step("reads the JSON body of a GET request", async () => {
    await using server = await startServer(folder);
    const body = JSON.stringify({ experiment_name: "Default" });
    const { hostname, port } = new URL(server.origin);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    await connection.write(new TextEncoder().encode(
      `GET /api/2.0/mlflow/experiments/get-by-name HTTP/1.1\r\nHost: ${hostname}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
        `Connection: close\r\n\r\n${body}`,
    ));
    const answer = await new Response(connection.readable).text();

    ok(answer.startsWith("HTTP/1.1 200"), answer);
    equal(JSON.parse(answer.slice(answer.indexOf("{"))).experiment.experiment_id, "0");
  });

  await t.step(
    "takes four writers at once, and has every answered write after a kill",
    async () => {
      const server = await startServer(folder);
      const answered: { run: string; step: number }[] = [];
      let stop = false;
      const write = async (writer: number): Promise<void> => {
        const { run } = await server.post("runs/create", { run_name: `writer ${writer}` });
        for (let step = 0; !stop; step++) {
          const sent = { run_id: run.info.run_id, key: "m", value: step, timestamp: step, step };
          await server.post("runs/log-metric", sent);
          answered.push({ run: run.info.run_id, step });
          if (answered.length >= 400) stop = true;
        }
        for (let step = 1_000_000;; step++) {
          const sent = { run_id: run.info.run_id, key: "m", value: step, timestamp: step, step };
          await server.post("runs/log-metric", sent);
          answered.push({ run: run.info.run_id, step });
          if (answered.length >= 500) await server.kill();
        }
      };
      const ends = await Promise.allSettled([0, 1, 2, 3].map(write));
      deepEqual(ends.map(({ status }) => status), Array(4).fill("rejected"), "the kill ends them");

      await using again = await startServer(folder);
      for (const [run, points] of Map.groupBy(answered, ({ run }) => run)) {
        const { metrics } = await again.get(`metrics/get-history?run_id=${run}&metric_key=m`);
        const kept = new Set(metrics.map(({ step }: { step: number }) => step));
        deepEqual(points.filter(({ step }) => !kept.has(step)), [], "nothing answered is lost");
        equal(kept.size, metrics.length, "nothing is doubled");
      }
    },
  );

  await Deno.remove(folder, { recursive: true });
});
