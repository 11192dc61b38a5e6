import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import {
  type ArtifactRef,
  buildGraph,
  definePipeline,
  defineStep,
  type Graph,
} from "../../pipeline/mod.ts";
import { nextNodes, type NodeState } from "./ready_nodes.ts";

const source = defineStep({
  module: import.meta.url,
  name: "source",
  inputs: {},
  outputs: { value: "json" },
  run: () => Promise.resolve({ value: 1 }),
});
const join = defineStep({
  module: import.meta.url,
  name: "join",
  inputs: { left: "json", right: "json" },
  outputs: { value: "json" },
  run: () => Promise.resolve({ value: 1 }),
});

/** A graph in which node i takes its inputs from two earlier ones; the first two are sources. */
function graphOf(parents: readonly (readonly [number, number])[]): Graph {
  return buildGraph(
    definePipeline({
      name: "random",
      config: z.object({}),
      build: () => {
        const refs: ArtifactRef<"json">[] = [source("n0", {}).value, source("n1", {}).value];
        for (const [a, b] of parents) {
          const [left, right] = [refs[a % refs.length]!, refs[b % refs.length]!];
          refs.push(join(`n${refs.length}`, { inputs: { left, right } }).value);
        }
        return refs;
      },
    }),
    {},
  );
}

const graphs = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 12 }).map(graphOf);
const done: NodeState = { status: "succeeded", outputs: {} };

Deno.test("whatever the graph, running ready nodes respects every edge and ends with all done", () => {
  fc.assert(fc.property(graphs, fc.infiniteStream(fc.nat()), (graph, choices) => {
    const states = new Map<string, NodeState>(
      graph.nodes.map(({ id }) => [id, { status: "pending" }]),
    );
    for (let left = graph.nodes.length; left > 0; left--) {
      const { ready, blocked } = nextNodes(graph, states);
      equal(blocked.length, 0);
      const node = ready[choices.next().value! % ready.length]!;
      for (const ref of Object.values(node.inputs)) equal(states.get(ref.node.id), done);
      states.set(node.id, done);
    }
    deepEqual(nextNodes(graph, states), { ready: [], blocked: [] });
  }));
});

Deno.test("whatever fails, exactly what comes after it is blocked, for the reason of the first", () => {
  fc.assert(fc.property(graphs, fc.nat(), (graph, choice) => {
    const failed = graph.nodes[choice % graph.nodes.length]!;
    const states = new Map<string, NodeState>(graph.nodes.map((node) => [
      node.id,
      node === failed ? { status: "failed" } : { status: "pending" },
    ]));
    const after = new Set([failed.id]);
    for (const { id, inputs } of graph.nodes) {
      if (Object.values(inputs).some((ref) => after.has(ref.node.id))) after.add(id);
    }

    const { blocked } = nextNodes(graph, states);

    deepEqual(new Set([failed.id, ...blocked.map(({ node }) => node.id)]), after);
    for (const { reason } of blocked) equal(reason, `"${failed.id}" failed`);
  }));
});
