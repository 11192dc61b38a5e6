import type { ArtifactRef, NodeIdentity } from "./artifact.ts";
import { ExplainedError, listProblems } from "./explained_error.ts";
import type { Json, JsonObject } from "./json.ts";
import { didYouMean } from "./nearest_name.ts";
import { checkParams, issuePath } from "./params_schema.ts";
import type { StepDefinition } from "./step.ts";

/** One use of a step in a pipeline. */
export interface PlacedNode extends NodeIdentity {
  readonly step: StepDefinition;
  /** Slot name to the output wired into it. */
  readonly inputs: Readonly<Record<string, ArtifactRef>>;
  /** Params as the step's schema returned them, defaults filled in. */
  readonly params: JsonObject;
}

/** A checked pipeline: what would run, in an order in which it could run. */
export interface Graph {
  readonly pipeline: string;
  /** Producers before consumers. */
  readonly nodes: readonly PlacedNode[];
  /** Outputs the author asked for. */
  readonly targets: readonly ArtifactRef[];
}

/** What happens while a pipeline's `build` runs. */
interface Recording {
  readonly nodes: PlacedNode[];
  readonly problems: string[];
}

/** The build that is going on: placing a node adds to it. Builds are synchronous, so there is one. */
let recording: Recording | undefined;

/** Node that a reference comes from. */
export function nodeOf(ref: ArtifactRef): PlacedNode {
  return ref.node as PlacedNode;
}

/**
 * Places a node in the build that is going on. Problems are collected, so that all are told at once.
 *
 * @throws {ExplainedError} `pipeline/outside-build` when no pipeline is being built.
 */
export function placeNode(
  step: StepDefinition,
  id: string,
  use: {
    readonly inputs?: Readonly<Record<string, ArtifactRef>>;
    readonly params?: unknown;
  },
): Readonly<Record<string, ArtifactRef>> {
  if (recording === undefined) {
    throw new ExplainedError("pipeline/outside-build", {
      what: `Cannot place node "${id}"`,
      why: `step "${step.name}" was called outside the build function of a pipeline`,
      fix: "Call it inside definePipeline({ build })",
    });
  }
  const { nodes, problems } = recording;
  const given = use.inputs ?? {};
  // What is no reference is a problem, and nobody after this has to look for it.
  const inputs = Object.freeze(
    Object.fromEntries(Object.entries(given).filter(([, ref]) => isRef(ref))),
  );
  const node = Object.freeze({
    id,
    step,
    inputs,
    params: paramsOf(step, id, use.params, problems),
  });
  problems.push(...placementProblems(node, given, nodes));
  nodes.push(node);
  return outputRefs(node);
}

function outputRefs(node: PlacedNode): Readonly<Record<string, ArtifactRef>> {
  return Object.freeze(Object.fromEntries(
    Object.entries(node.step.outputs)
      .map(([output, kind]) => [output, Object.freeze({ kind, output, node })]),
  ));
}

function paramsOf(
  step: StepDefinition,
  id: string,
  given: unknown,
  problems: string[],
): JsonObject {
  if (step.params === undefined) {
    if (given !== undefined && Object.keys(given as object).length > 0) {
      problems.push(`node "${id}": step "${step.name}" takes no params`);
    }
    return {};
  }
  const result = checkParams(step.params, given ?? {});
  if (result.issues !== undefined) {
    for (const issue of result.issues) {
      const path = issuePath(issue);
      problems.push(
        `node "${id}": param ${path === "" ? "" : `${path}: `}${issue.message}`,
      );
    }
    return {};
  }
  problems.push(...notJson(result.value, `node "${id}": param`));
  return result.value as JsonObject;
}

/** Params are hashed and stored: they must be plain JSON. */
function notJson(value: unknown, path: string): string[] {
  if (
    value === null || typeof value === "string" || typeof value === "boolean"
  ) return [];
  if (typeof value === "number") {
    return Number.isFinite(value) ? [] : [`${path} is ${value}, and must be a finite number`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => notJson(item, `${path}.${i}`));
  }
  const isPlain = typeof value === "object" &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain) return [`${path} is a ${typeof value}, and must be plain JSON`];
  return Object.entries(value as Record<string, Json | undefined>)
    .filter(([, item]) => item !== undefined)
    .flatMap(([key, item]) => notJson(item, `${path}.${key}`));
}

function placementProblems(
  node: PlacedNode,
  given: Readonly<Record<string, unknown>>,
  placed: readonly PlacedNode[],
): string[] {
  const problems: string[] = [];
  const { id, step } = node;
  if (!/^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u.test(id)) {
    problems.push(
      `node "${id}": an id holds letters, digits, "-" and "_" only`,
    );
  }
  if (placed.some((other) => other.id === id)) {
    problems.push(`node "${id}": another node has this id`);
  }
  for (const [slot, kind] of Object.entries(step.inputs)) {
    const ref = given[slot];
    if (ref === undefined) {
      problems.push(`node "${id}": input "${slot}" (${kind}) is not wired`);
    } else if (!isRef(ref)) {
      problems.push(`node "${id}": input "${slot}" takes ${kind}, and got no output of a node`);
    } else if (ref.kind !== kind) {
      problems.push(
        `node "${id}": input "${slot}" takes ${kind}, and got ${ref.kind} from "${ref.node.id}"`,
      );
    } else if (!placed.includes(nodeOf(ref))) {
      problems.push(
        `node "${id}": input "${slot}" comes from a node of another build`,
      );
    }
  }
  for (
    const slot of Object.keys(given).filter((slot) => !(slot in step.inputs))
  ) {
    const known = didYouMean(slot, Object.keys(step.inputs));
    problems.push(
      `node "${id}": step "${step.name}" has no input "${slot}"${known}`,
    );
  }
  return problems;
}

/** Runs a build function and returns the nodes it placed, the targets it returned, and every problem. */
export function recordBuild(
  build: () => unknown,
): {
  nodes: readonly PlacedNode[];
  targets: readonly ArtifactRef[];
  problems: readonly string[];
} {
  if (recording !== undefined) {
    throw new TypeError("A pipeline is being built already");
  }
  const mine: Recording = { nodes: [], problems: [] };
  recording = mine;
  try {
    const targets = findRefs(build());
    return { nodes: mine.nodes, targets, problems: mine.problems };
  } finally {
    recording = undefined;
  }
}

/** References in what `build` returned: one, or any nesting of arrays and records of them. */
function findRefs(value: unknown): readonly ArtifactRef[] {
  if (typeof value !== "object" || value === null) return [];
  if (isRef(value)) return [value];
  return Object.values(value).flatMap(findRefs);
}

function isRef(value: unknown): value is ArtifactRef {
  return typeof value === "object" && value !== null &&
    "kind" in value && "output" in value && "node" in value;
}

/** Throws when there are problems, all of them in one error. */
export function refuseProblems(
  pipeline: string,
  problems: readonly string[],
): void {
  if (problems.length === 0) return;
  throw new ExplainedError("pipeline/invalid", {
    what: `Cannot use pipeline "${pipeline}"`,
    why: listProblems(problems),
    fix: "Correct the pipeline; `deno task pipeline graph` draws it once it is right",
  });
}
