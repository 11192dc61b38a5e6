/// <reference lib="deno.worker" />

// The thread of one model: opens it, then answers one batch after the other.

import { ExplainedError } from "../../pipeline/mod.ts";
import { openRowRunner, type RowRunner } from "./row_runner.ts";
import { openServingPorts } from "./serving_ports.ts";
import type { WorkerQuestion, WorkerReply } from "./worker_runner.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
let opened: Promise<RowRunner> | undefined;

scope.onmessage = async ({ data }: MessageEvent<WorkerQuestion>) => {
  const { id } = data;
  try {
    if ("open" in data) {
      opened = openServingPorts({ threads: data.threads })
        .then((ports) => openRowRunner(data.open, ports));
      await opened;
      reply({ id, outputs: null });
    } else {
      const outputs = await (await opened!).run(data.rows);
      reply({ id, outputs });
    }
  } catch (error) {
    reply({ id, error: partsOf(error) });
  }
};

function reply(message: WorkerReply): void {
  scope.postMessage(message);
}

function partsOf(error: unknown): Extract<WorkerReply, { error: unknown }>["error"] {
  if (error instanceof ExplainedError) {
    const { code, what, why, fix } = error;
    return { code, what, why, fix };
  }
  return {
    code: "serving/model-failed",
    what: "Cannot run the model",
    why: error instanceof Error ? error.message : String(error),
    fix: "Look into the server's log, and try the model with `deno task pipeline predict`",
  };
}
