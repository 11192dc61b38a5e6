import { ExplainedError } from "../../pipeline/mod.ts";
import { explainStoreError } from "../store/database_error.ts";
import type { ErrorFacts } from "./run_event.ts";

/** Any thrown value as what / why / fix / code. */
export function errorFacts(error: unknown, node: string): ErrorFacts {
  if (error instanceof ExplainedError) {
    const { what, why, fix, code } = error;
    return { what, why, fix, code };
  }
  // A step of a user can load its own copy of the framework: the class then differs, the form not.
  const named = error as Partial<Record<keyof ErrorFacts, unknown>> | null | undefined;
  if (typeof named?.what === "string" && typeof named.code === "string") {
    return {
      what: named.what,
      why: String(named.why),
      fix: String(named.fix),
      code: named.code,
    };
  }
  // A full disk is met wherever a step writes: its own files, or those of the store.
  const explained = explainStoreError(error, `Cannot finish step "${node}"`, "the step's files");
  if (explained instanceof ExplainedError) return errorFacts(explained, node);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    what: `Cannot finish step "${node}"`,
    why: message,
    fix: "Correct the step's code; --trace shows where it was thrown",
    code: "step/failed",
  };
}

/** Thrown into a step that took longer than it declared. */
export function timeoutError(node: string, timeoutMs: number): ExplainedError {
  return new ExplainedError("step/timeout", {
    what: `Cannot finish step "${node}"`,
    why: `it took longer than its timeout of ${timeoutMs} ms`,
    fix: "Raise `timeoutMs` in its definition, or give it less to do",
  });
}
