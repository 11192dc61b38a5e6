import { deepEqual } from "node:assert/strict";
import { Hono } from "hono";
import { openTemporaryStore } from "../../runtime/store/temporary_store.ts";
import type { Store } from "../../runtime/store/mod.ts";
import { mlflowApi } from "./mlflow_api.ts";

/**
 * One request with its exact answer. In both, `$name` stands for a value that an earlier answer had at that place;
 * `"*"` in an answer takes anything that is there.
 */
export interface Exchange {
  /** `POST runs/create`, `GET runs/get?run_id=$run`; a path from `/` on is not below `/api/2.0/mlflow`. */
  readonly ask: string;
  /** The JSON body; a text is sent as it is. */
  readonly send?: unknown;
  /** @default "application/json" when something is sent */
  readonly type?: string | null;
  /** @default 200 */
  readonly status?: number;
  /** The whole answer. Left out, it is not looked at. */
  readonly gives?: unknown;
  /** The code of an error answer. */
  readonly error?: string;
  /** A part of the error's text. */
  readonly says?: string;
}

/** Requests that follow each other on a new server. */
export interface Scenario {
  readonly title: string;
  readonly exchanges: readonly Exchange[];
}

/** A server in this process, with a new store. */
export interface ContractServer extends AsyncDisposable {
  readonly store: Store;
  request(path: string, init?: RequestInit): Promise<Response>;
}

/** Opens a server for a test. */
export async function openContractServer(
  options: { readonly artifactRoot?: string; readonly deploymentsTarget?: string } = {},
): Promise<ContractServer> {
  const store = await openTemporaryStore();
  const problems: unknown[] = [];
  const log = { write: (event: unknown) => void problems.push(event) };
  const app = new Hono();
  app.use(mlflowApi({ store, log, ...options }));
  return {
    store,
    request: async (path, init) => await app.request(`http://127.0.0.1${path}`, init),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      deepEqual(problems, [], "the server met what it did not expect");
    },
  };
}

/** Registers a test for every scenario. */
export function testContract(scenarios: readonly Scenario[]): void {
  for (const { title, exchanges } of scenarios) {
    Deno.test(`mlflowApi() ${title}`, async () => {
      await using server = await openContractServer();
      const kept = new Map<string, unknown>();
      for (const exchange of exchanges) await check(server, exchange, kept);
    });
  }
}

async function check(
  server: ContractServer,
  { ask, send, type = "application/json", status = 200, gives, error, says }: Exchange,
  kept: Map<string, unknown>,
): Promise<void> {
  const [method, path] = fill(ask, kept).split(" ") as [string, string];
  const body = send === undefined
    ? undefined
    : typeof send === "string"
    ? fill(send, kept)
    : JSON.stringify(fillDeep(send, kept));
  const response = await server.request(path.startsWith("/") ? path : `/api/2.0/mlflow/${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
    ...(send === undefined || type === null ? {} : { headers: { "content-type": type } }),
  });
  const text = await response.text();
  const where = `${ask} ${JSON.stringify(send) ?? ""} → ${text.slice(0, 500)}`;
  deepEqual(response.status, error === undefined ? status : response.status, where);
  if (error !== undefined) {
    const answer = JSON.parse(text);
    deepEqual([response.status, answer.error_code], [status === 200 ? 400 : status, error], where);
    if (says !== undefined) {
      deepEqual(answer.message.includes(fill(says, kept)), true, `"${says}" in ${where}`);
    }
  }
  if (gives !== undefined) {
    const answer = typeof gives === "string" ? text : JSON.parse(text);
    deepEqual(answer, expected(gives, answer, kept), where);
  }
}

/** What is expected, with the values that are taken as they come put in; they are kept by their names. */
function expected(pattern: unknown, found: unknown, kept: Map<string, unknown>): unknown {
  if (pattern === "*") return found === undefined ? pattern : found;
  if (typeof pattern === "string") {
    if (/^\$\w+$/.test(pattern) && !kept.has(pattern.slice(1))) {
      kept.set(pattern.slice(1), found);
      return found;
    }
    return fill(pattern, kept);
  }
  if (Array.isArray(pattern)) {
    return pattern.map((each, index) => expected(each, (found as unknown[])?.[index], kept));
  }
  if (pattern === null || typeof pattern !== "object") return pattern;
  return Object.fromEntries(
    Object.entries(pattern).map(([key, value]) => [
      key,
      expected(value, (found as Record<string, unknown>)?.[key], kept),
    ]),
  );
}

function fill(text: string, kept: ReadonlyMap<string, unknown>): string {
  return text.replaceAll(
    /\$(\w+)/g,
    (whole, name) => kept.has(name) ? String(kept.get(name)) : whole,
  );
}

function fillDeep(value: unknown, kept: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === "string") return fill(value, kept);
  if (Array.isArray(value)) return value.map((each) => fillDeep(each, kept));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, fillDeep(each, kept)]),
  );
}
