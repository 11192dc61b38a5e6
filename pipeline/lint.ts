import { type Graph, nodeOf, type PlacedNode } from "./graph.ts";
import { didYouMean } from "./nearest_name.ts";

/** A rule every graph must keep. Returns one sentence per breach. */
type Check = (graph: Graph) => readonly string[];

const checks: readonly Check[] = [
  hasTargets,
  stepsHaveNames,
  everyNodeIsNeeded,
  demandsCanBeMet,
];

/** Everything wrong with a graph as a whole. What is wrong with one node is found when it is placed. */
export function lintGraph(graph: Graph): readonly string[] {
  return checks.flatMap((check) => check(graph));
}

/** Nodes that lead to `node`, itself included. */
export function ancestorsOf(node: PlacedNode): ReadonlySet<PlacedNode> {
  const found = new Set<PlacedNode>([node]);
  for (const each of found) {
    for (const ref of Object.values(each.inputs)) found.add(nodeOf(ref));
  }
  return found;
}

function hasTargets({ nodes, targets }: Graph): readonly string[] {
  if (targets.length > 0) return [];
  return [
    nodes.length === 0
      ? "build placed no node"
      : "build returned no output: return what the pipeline is for",
  ];
}

/** Steps are told apart by module and name: two definitions with one name would share their results. */
function stepsHaveNames({ nodes }: Graph): readonly string[] {
  const first = new Map<string, PlacedNode>();
  const problems: string[] = [];
  for (const node of nodes) {
    const key = `${node.step.module} ${node.step.name}`;
    const other = first.get(key) ?? node;
    first.set(key, other);
    if (other.step === node.step) continue;
    problems.push(
      `node "${node.id}": its step and that of "${other.id}" are two definitions named ` +
        `"${node.step.name}" in one module, and would share cached results: give each a name of ` +
        "its own, or make one step and pass what differs as params",
    );
  }
  return problems;
}

function everyNodeIsNeeded({ nodes, targets }: Graph): readonly string[] {
  if (targets.length === 0) return [];
  const needed = new Set(
    targets.flatMap((target) => [...ancestorsOf(nodeOf(target))]),
  );
  return nodes.filter((node) => !needed.has(node)).map(({ id }) =>
    `node "${id}": nothing that build returns needs it: return one of its outputs, or remove it`
  );
}

function demandsCanBeMet({ nodes }: Graph): readonly string[] {
  return nodes.flatMap((node) => {
    const demanded = fromParams(() => node.step.demands?.(node.params)) ?? [];
    // A step that does not say which metrics it makes could make any: then nothing can be said.
    const producers = Object.values(node.inputs)
      .filter(({ kind }) => kind === "metrics").map(nodeOf);
    if (producers.length === 0) return [];
    const names = producers.map((each) => fromParams(() => each.step.metrics?.(each.params)));
    if (names.some((each) => each === undefined)) return [];
    const produced = names.flatMap((each) => each!);
    return demanded.filter((name) => !produced.some((each) => namesMeet(each, name))).map((name) =>
      `node "${node.id}": demands metric "${name}", which no step before it produces${
        didYouMean(name, produced) || longerNames(name, produced)
      }`
    );
  });
}

/** What a step says of its params; `undefined` also where they were refused, which is a problem of its own. */
function fromParams<T>(ask: () => T | undefined): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** ` (there are f1_macro, f1/*)`, or nothing. */
function longerNames(name: string, known: readonly string[]): string {
  const longer = known.filter((each) => each.startsWith(name));
  return longer.length === 0 ? "" : ` (there are ${longer.join(", ")})`;
}

/** Whether two names can mean the same metric; `f1/*` stands for every name that begins with `f1/`. */
function namesMeet(a: string, b: string): boolean {
  return a === b || isWithin(a, b) || isWithin(b, a);
}

function isWithin(name: string, pattern: string): boolean {
  return pattern.endsWith("*") && name.startsWith(pattern.slice(0, -1));
}
