import { join } from "node:path";
import {
  type EnginePort,
  ExplainedError,
  type PlacedNode,
  type PortName,
  type PreprocessingPort,
  type Progress,
  type RegistryPort,
  type StepContext,
} from "../../pipeline/mod.ts";
import type { StepArtifacts } from "../artifacts/artifact_writer.ts";
import { redactSecrets } from "../config/secrets.ts";
import { scratchFolder } from "../store/mod.ts";
import type { StepDecision } from "./decide_step.ts";
import { letOthersIn } from "./let_others_in.ts";
import type { RunWorld } from "./run_world.ts";

/** A context, and what the step said through it. */
export interface OpenedContext {
  readonly context: StepContext;
  summary(): string | null;
}

/** Progress is told at most this often: people cannot read faster. */
const PROGRESS_MS = 100;

/** Builds what one attempt of a step may touch. Opens the ports that the step declares. */
export async function openStepContext(
  world: RunWorld,
  node: PlacedNode,
  { decision, artifacts, signal }: {
    readonly decision: StepDecision;
    readonly artifacts: StepArtifacts;
    readonly signal: AbortSignal;
  },
): Promise<OpenedContext> {
  const uses = (port: PortName) => node.step.uses?.includes(port) === true;
  const engine = uses("engine") ? await world.openEngine() : undefined;
  const preprocessing = uses("preprocessing") ? await world.openPreprocessing() : undefined;
  const registry = node.step.effects === true
    ? world.registryFor({
      cacheKey: decision.cacheKey,
      recordModel: (model) => artifacts.record("model", model),
    })
    : undefined;
  const { emit } = world.sinks;
  const redact = redactor(world);
  let summary: string | null = null;
  let toldAt = -Infinity;

  const context: StepContext = {
    node: node.id,
    signal,
    yield: letOthersIn,
    metric(name, value, { iteration = 0, bare = false } = {}) {
      const names = bare ? [`${node.id}/${name}`, name] : [`${node.id}/${name}`];
      for (const each of names) {
        emit({ type: "metric", node: node.id, name: each, value: jsonNumber(value), iteration });
      }
    },
    progress(progress) {
      const isLast = progress.done === progress.total;
      if (!isLast && performance.now() - toldAt < PROGRESS_MS) return;
      toldAt = performance.now();
      emit(progressEvent(node.id, progress));
    },
    log(message, level = "info") {
      emit({ type: "log", node: node.id, level, message: redact(message) });
    },
    summary(text) {
      summary = redact(text);
    },
    artifacts: artifacts.writer,
    resolvePath: world.reads.resolvePath,
    champion(model) {
      if (decision.reads.champions.has(model)) return decision.reads.champions.get(model);
      throw undeclared(node, `reads: (params) => [champion("${model}")]`);
    },
    fetch(address) {
      const content = decision.reads.contents.get(address);
      if (content !== undefined) return content();
      return Promise.reject(undeclared(node, `reads: (params) => [url("${address}")]`));
    },
    async download(address) {
      const { downloadFile } = await import("../downloads/mod.ts");
      return await downloadFile(address, {
        folder: join(world.store.folder, "downloads"),
        signal,
        onBytes: (done, total) =>
          context.progress({
            done,
            ...(total === undefined ? {} : { total }),
            unit: "bytes",
            label: "download",
          }),
      });
    },
    async scratch() {
      const folder = scratchFolder(world.store, decision.cacheKey);
      await Deno.mkdir(folder, { recursive: true });
      return folder;
    },
    get engine(): EnginePort {
      return engine ?? refuse(node, 'uses: ["engine"]');
    },
    get preprocessing(): PreprocessingPort {
      return preprocessing ?? refuse(node, 'uses: ["preprocessing"]');
    },
    get registry(): RegistryPort {
      return registry ?? refuse(node, "effects: true");
    },
  };
  return { context, summary: () => summary };
}

/** Replaces the values of the run's secrets in a text. */
export function redactor({ secrets }: RunWorld): (text: string) => string {
  const values = secrets.names.flatMap((name) => {
    const value = secrets.source(name);
    return value === undefined ? [] : [{ name, value }];
  });
  return (text) => redactSecrets(text, values);
}

function progressEvent(node: string, { done, total, unit, label, loss }: Progress) {
  return {
    type: "step-progress",
    node,
    done,
    total: total ?? null,
    unit,
    label: label ?? null,
    loss: loss !== undefined && Number.isFinite(loss) ? loss : null,
  } as const;
}

function jsonNumber(value: number): number | "NaN" | "Infinity" | "-Infinity" {
  return Number.isFinite(value) ? value : String(value) as "NaN" | "Infinity" | "-Infinity";
}

function refuse(node: PlacedNode, declaration: string): never {
  throw undeclared(node, declaration);
}

function undeclared({ id, step }: PlacedNode, declaration: string): ExplainedError {
  return new ExplainedError("step/undeclared-port", {
    what: `Cannot give step "${id}" what it asks for`,
    why: `step "${step.name}" does not declare it, so its cache key would not know of it`,
    fix: `Add \`${declaration}\` to its defineStep`,
  });
}
