import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { randomGraphs } from "./_random_graphs.ts";
import { layerNodes } from "./layer_nodes.ts";
import { type RoutedEdge, routeEdges } from "./route_edges.ts";

type Nodes = readonly { readonly id: string; readonly after: readonly string[] }[];

function route(nodes: Nodes) {
  const placed = new Map(layerNodes(nodes).map((node) => [node.id, node]));
  return { placed, edges: routeEdges(nodes, placed) };
}

Deno.test("routeEdges() leads long lines below the boxes, and those of one node together", () => {
  const { edges } = route([
    { id: "split", after: [] },
    { id: "preprocess", after: ["split"] },
    { id: "train", after: ["preprocess", "split"] },
    { id: "evaluate", after: ["train", "split"] },
    { id: "register", after: ["evaluate", "train"] },
  ]);

  deepEqual(edges.map(({ from, to, lane }) => [from, to, lane]), [
    ["split", "preprocess", null],
    ["preprocess", "train", null],
    ["split", "train", 0],
    ["train", "evaluate", null],
    ["split", "evaluate", 0],
    ["evaluate", "register", null],
    ["train", "register", 1],
  ]);
});

Deno.test("routeEdges() draws every line once, and gives no two nodes the same way at once", () => {
  fc.assert(
    fc.property(randomGraphs, (nodes) => {
      const { placed, edges } = route(nodes);
      const layerOf = (id: string): number => placed.get(id)!.layer;
      const overlaps = (a: RoutedEdge, b: RoutedEdge): boolean =>
        layerOf(a.from) < layerOf(b.to) && layerOf(b.from) < layerOf(a.to);

      equal(edges.length, nodes.reduce((sum, { after }) => sum + after.length, 0));
      for (const edge of edges) {
        equal(edge.lane === null, layerOf(edge.to) - layerOf(edge.from) === 1);
        for (const other of edges) {
          if (edge.lane === null || edge.lane !== other.lane || edge.from === other.from) continue;
          ok(!overlaps(edge, other), `${edge.from} and ${other.from} share lane ${edge.lane}`);
        }
      }
    }),
    { seed: 7 },
  );
});
