import { join } from "node:path";

/** File in the store's folder that says where its server listens. */
const FILE = "server.json";

/** Says where a server of this store listens, until it is disposed. */
export async function announceServer(folder: string, url: string): Promise<AsyncDisposable> {
  const path = join(folder, FILE);
  const text = JSON.stringify({ url, pid: Deno.pid });
  await Deno.writeTextFile(path, text);
  return {
    async [Symbol.asyncDispose]() {
      // Another server of the same store may have come later: its word stays.
      const now = await Deno.readTextFile(path).catch(() => "");
      if (now === text) await Deno.remove(path);
    },
  };
}

/** Address of a server of this store that listens now, or `undefined`: one that was killed says nothing any more. */
export async function findServer(folder: string): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await Deno.readTextFile(join(folder, FILE))) as { url: string };
    const { hostname, port } = new URL(url);
    using _connection = await Deno.connect({
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || 80),
    });
    return url;
  } catch {
    return undefined; // there was none, it is gone, or the file is half written
  }
}
