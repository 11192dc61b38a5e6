import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../cli/main.ts", import.meta.url));

/** One keep-alive client of a server process. Disposing it stops the server. */
export interface MlflowClient extends AsyncDisposable {
  // deno-lint-ignore no-explicit-any -- an answer of the protocol, looked into by the bench
  post(path: string, body: object): Promise<any>;
  // deno-lint-ignore no-explicit-any -- as above
  get(path: string): Promise<any>;
  /** Resident memory of the server, MB; `null` where it cannot be read. */
  memory(): Promise<number | null>;
}

/** Starts `serve` on a store, as a process of its own. */
export async function startMlflowServer(folder: string): Promise<MlflowClient> {
  const store = join(folder, "store.db");
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", MAIN, "serve", "--port", "0", "--store", store, "--json"],
    stdin: "null",
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
  const api = `${JSON.parse(printed).url}api/2.0/mlflow/`;
  const read = async (response: Response): Promise<unknown> => {
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text);
  };
  const headers = { "content-type": "application/json" };
  return {
    post: async (path, body) =>
      await read(
        await fetch(api + path, { method: "POST", headers, body: JSON.stringify(body) }),
      ),
    get: async (path) => await read(await fetch(api + path)),
    memory: () => residentMemory(process.pid),
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
      await reader.cancel();
    },
  };
}

async function residentMemory(pid: number): Promise<number | null> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1000;
  } catch {
    return null;
  }
}
