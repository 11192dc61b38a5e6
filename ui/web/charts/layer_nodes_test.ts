import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { randomGraphs } from "./_random_graphs.ts";
import { layerNodes } from "./layer_nodes.ts";

Deno.test("layerNodes() puts a node right of all that it comes after", () => {
  deepEqual(
    layerNodes([
      { id: "data", after: [] },
      { id: "split", after: ["data"] },
      { id: "train", after: ["split"] },
      { id: "evaluate", after: ["split", "train"] },
      { id: "other", after: [] },
    ]),
    [
      { id: "data", layer: 0, place: 0 },
      { id: "split", layer: 1, place: 0 },
      { id: "train", layer: 2, place: 0 },
      { id: "evaluate", layer: 3, place: 0 },
      { id: "other", layer: 0, place: 1 },
    ],
  );
  deepEqual(layerNodes([]), []);
});

Deno.test("layerNodes() gives every node a place of its own, and no line goes backwards", () => {
  fc.assert(
    fc.property(randomGraphs, (nodes) => {
      const placed = new Map(layerNodes(nodes).map((node) => [node.id, node]));
      equal(
        new Set([...placed.values()].map(({ layer, place }) => `${layer} ${place}`)).size,
        nodes.length,
      );
      for (const { id, after } of nodes) {
        for (const each of after) ok(placed.get(each)!.layer < placed.get(id)!.layer);
      }
    }),
    { seed: 7 },
  );
});
