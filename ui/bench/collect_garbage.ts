/**
 * Makes a Deno process that was started with `--inspect=127.0.0.1:PORT` collect its garbage, so that what it holds then is
 * what it needs. Speaks the Chrome DevTools Protocol: `HeapProfiler.collectGarbage`, `Runtime.getHeapUsage`.
 *
 * @returns What its objects take in V8's heap afterwards, in bytes.
 * @throws {Error} When nothing answers on that port.
 */
export async function collectGarbage(port: number): Promise<number> {
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => resolve();
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`no inspector answers on port ${port}`));
    });
    // Twice: what the first collection finalizes, the second one frees.
    await call(socket, 1, "HeapProfiler.collectGarbage");
    await call(socket, 2, "HeapProfiler.collectGarbage");
    const { usedSize } = await call(socket, 3, "Runtime.getHeapUsage") as { usedSize: number };
    return usedSize;
  } finally {
    socket.close();
    await closed;
  }
}

function call(socket: WebSocket, id: number, method: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.onmessage = ({ data }) => {
      const answer = JSON.parse(data);
      if (answer.id !== id) return;
      if (answer.error === undefined) resolve(answer.result);
      else reject(new Error(`${method}: ${answer.error.message}`));
    };
    socket.send(JSON.stringify({ id, method }));
  });
}
