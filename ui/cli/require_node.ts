import { didYouMean, ExplainedError } from "../../pipeline/mod.ts";

/**
 * Checks that a run has a node.
 *
 * @throws {ExplainedError} `run/unknown-node` with the nodes it has.
 */
export function requireNode(node: string, known: readonly string[]): void {
  if (known.includes(node)) return;
  throw new ExplainedError("run/unknown-node", {
    what: `Cannot find node "${node}"`,
    why: `the run has no such node${didYouMean(node, known)}`,
    fix: known.length === 0 ? "Name another run" : `Its nodes: ${known.join(", ")}`,
  });
}
