import { ExplainedError } from "../../pipeline/explained_error.ts";

/** A team's server, spoken to in MLflow's protocol. */
export interface RemoteServer {
  readonly url: string;
  /** @throws {RemoteRefusal} For an answer that is no success; {ExplainedError} `remote/unreachable`. */
  post(path: string, body: object): Promise<Answer>;
  get(path: string, query: Readonly<Record<string, string>>): Promise<Answer>;
  /** The entries of a folder of the artifact proxy. */
  listFolder(path: string): Promise<Answer>;
  /** Sends a file into the artifact proxy. */
  put(path: string, file: string): Promise<void>;
}

/** An answer of the protocol, not looked into yet. */
// deno-lint-ignore no-explicit-any -- each use reads the fields that the protocol promises
export type Answer = any;

/** An answer that is no success. */
export class RemoteRefusal extends ExplainedError {
  override readonly name = "RemoteRefusal";
  /** MLflow's name of the error, e.g. `RESOURCE_ALREADY_EXISTS`. */
  readonly errorCode: string;

  constructor(what: string, why: string, errorCode: string, status: number) {
    super("remote/refused", {
      what,
      why,
      fix: status === 401 || status === 403
        ? "Set HANOK_SERVER_TOKEN to a token of the server that may do this"
        : "See the log of the server",
    });
    this.errorCode = errorCode;
  }
}

/** Reaches a server. @param token Sent as a bearer token. */
export function openRemoteServer(url: string, token: string | null): RemoteServer {
  const base = url.replace(/\/+$/, "");
  const authorization: Record<string, string> = token === null
    ? {}
    : { authorization: `Bearer ${token}` };
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const what = `Cannot send to ${base}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${base}${path}`, {
        ...init,
        headers: { ...authorization, ...init.headers },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch (cause) {
      throw new ExplainedError("remote/unreachable", {
        what,
        why: `the server does not answer: ${cause instanceof Error ? cause.message : cause}`,
        fix: "Nothing is lost: the next run sends it, or `deno task pipeline runs send`",
        cause,
      });
    }
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer;
    const why = answer?.message ?? answer?.error?.why ?? `it answers ${response.status}`;
    throw new RemoteRefusal(what, String(why), String(answer?.error_code ?? ""), response.status);
  };
  const api = "/api/2.0/mlflow";
  return {
    url: base,
    post: (path, body) =>
      ask(`${api}/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    get: (path, query) => ask(`${api}/${path}?${new URLSearchParams(query)}`, { method: "GET" }),
    listFolder: (path) => ask(`${PROXY}?${new URLSearchParams({ path })}`, { method: "GET" }),
    async put(path, file) {
      const { size } = await Deno.stat(file);
      const opened = await Deno.open(file);
      const name = path.split("/").map(encodeURIComponent).join("/");
      await ask(`${PROXY}/${name}`, {
        method: "PUT",
        headers: { "content-type": "application/octet-stream", "content-length": String(size) },
        body: opened.readable,
      });
    },
  };
}

const PROXY = "/api/2.0/mlflow-artifacts/artifacts";

/** A server that hangs is as good as none. */
const TIMEOUT_MS = 120_000;

function parse(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
