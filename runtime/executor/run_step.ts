import {
  type ArtifactKind,
  ExplainedError,
  type JsonObject,
  type PlacedNode,
  type Verdict,
} from "../../pipeline/mod.ts";
import { type ArtifactRecord, openValue } from "../artifacts/artifact_codec.ts";
import { openStepArtifacts } from "../artifacts/artifact_writer.ts";
import { fillSecrets } from "../config/secrets.ts";
import { scratchFolder } from "../store/mod.ts";
import type { StepDecision } from "./decide_step.ts";
import { errorFacts, timeoutError } from "./error_facts.ts";
import type { ErrorFacts } from "./run_event.ts";
import type { RunWorld } from "./run_world.ts";
import { openStepContext, redactor } from "./step_context.ts";

/** What a finished body of a step left behind. */
export interface StepResult {
  readonly outputs: Readonly<Record<string, ArtifactRecord>>;
  readonly summary: string | null;
}

/** How often a step was tried; counted while it runs, so that a failure knows it too. */
export interface Attempts {
  count: number;
}

/** A step that ignores its signal is given up after this time. */
const GRACE_MS = 5000;

/**
 * Runs the body of a step, again after a failure as often as it declares.
 *
 * @throws The error of the last attempt; `AbortError` when the run is cancelled.
 */
export async function runStep(
  world: RunWorld,
  node: PlacedNode,
  inputs: Readonly<Record<string, ArtifactRecord>>,
  { decision, tried }: { readonly decision: StepDecision; readonly tried: Attempts },
): Promise<StepResult> {
  const { attempts, delayMs = 1000 } = node.step.retry ?? { attempts: 1 };
  for (let attempt = 1;; attempt++) {
    tried.count = attempt;
    const { id, step } = node;
    const { reason } = decision;
    world.sinks.emit({ type: "step-started", node: id, step: step.name, attempt, reason });
    try {
      return await runAttempt(world, node, inputs, decision);
    } catch (error) {
      if (world.signal.aborted || attempt >= attempts || isRefusal(error)) throw error;
      const wait = delayMs * 2 ** (attempt - 1);
      const facts = redactFacts(errorFacts(error, id), redactor(world));
      world.sinks.emit({ type: "step-retried", node: id, attempt, delayMs: wait, error: facts });
      await sleep(wait, world.signal);
    }
  }
}

/** Errors that trying again cannot mend. */
function isRefusal(error: unknown): boolean {
  return error instanceof ExplainedError &&
    ["step/undeclared-port", "step/foreign-handle", "register/declined"].includes(error.code);
}

/** The same facts without secret values. */
export function redactFacts(facts: ErrorFacts, redact: (text: string) => string): ErrorFacts {
  const { what, why, fix, code } = facts;
  return { what: redact(what), why: redact(why), fix: redact(fix), code };
}

async function runAttempt(
  world: RunWorld,
  node: PlacedNode,
  inputs: Readonly<Record<string, ArtifactRecord>>,
  decision: StepDecision,
): Promise<StepResult> {
  const { step, id } = node;
  const artifacts = openStepArtifacts(world.store, Object.values(inputs));
  const deadline = new AbortController();
  const signal = AbortSignal.any([world.signal, deadline.signal]);
  const opened = await openStepContext(world, node, { decision, artifacts, signal });
  const values = await openInputs(world, inputs);
  const params = fillSecrets(node.params, world.secrets.source) as JsonObject;

  const timer = step.timeoutMs === undefined ? undefined : setTimeout(
    () => deadline.abort(timeoutError(id, step.timeoutMs!)),
    step.timeoutMs,
  );
  try {
    // The body starts after a turn of the event loop, so that "started" is shown before it works.
    const body = opened.context.yield().then(() => step.run(opened.context, values, params));
    const returned = await untilGivenUp(body, signal);
    const outputs = await recordOutputs(node, returned, artifacts.record);
    // An abort that came while the body was ending must not be taken for success.
    signal.throwIfAborted();
    await removeFolder(scratchFolder(world.store, decision.cacheKey));
    return { outputs, summary: opened.summary() };
  } finally {
    clearTimeout(timer);
  }
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function openInputs(
  world: RunWorld,
  inputs: Readonly<Record<string, ArtifactRecord>>,
): Promise<Record<string, never>> {
  const opened = await Promise.all(
    Object.entries(inputs).map(async ([slot, record]) => [
      slot,
      await openValue(record, world.store.blobs),
    ]),
  );
  return Object.fromEntries(opened) as Record<string, never>;
}

/** The body's result; when the signal fires, the body gets a little time to end by itself. */
async function untilGivenUp<T>(body: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort: (() => void) | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), GRACE_MS);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([body, givenUp]);
  } catch (error) {
    // A step may wrap the abort into an error of its own; the reason is what counts.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}

async function recordOutputs(
  { id, step }: PlacedNode,
  returned: Readonly<Record<string, unknown>> | undefined,
  record: (kind: ArtifactKind, value: unknown) => Promise<ArtifactRecord>,
): Promise<Record<string, ArtifactRecord>> {
  const missing = Object.keys(step.outputs).filter((name) => returned?.[name] === undefined);
  if (missing.length > 0) {
    throw new ExplainedError("step/missing-output", {
      what: `Cannot finish step "${id}"`,
      why: `it returned no ${missing.join(", ")}`,
      fix: `Return { ${Object.keys(step.outputs).join(", ")} } from run in step "${step.name}"`,
    });
  }
  const outputs: Record<string, ArtifactRecord> = {};
  for (const [name, kind] of Object.entries(step.outputs)) {
    outputs[name] = await record(kind, returned![name]);
  }
  return outputs;
}

/** Verdicts among the outputs of a step run. */
export async function readVerdicts(
  world: Pick<RunWorld, "store">,
  outputs: Readonly<Record<string, ArtifactRecord>>,
): Promise<readonly Verdict[]> {
  const verdicts = Object.values(outputs).filter(({ kind }) => kind === "verdict");
  return await Promise.all(
    verdicts.map((record) => openValue({ ...record, kind: "verdict" }, world.store.blobs)),
  );
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      signal.removeEventListener("abort", stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal.reason);
    }
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
