import type { LineageGraph } from "../../runtime/lineage/mod.ts";
import type { StepRun } from "../../runtime/store/mod.ts";
import { renderLineage } from "./lineage_tree.ts";
import { plainPaint } from "./paint.ts";

const artifact = (hash: string, kind: string, size: number) => ({
  type: "artifact" as const,
  id: hash,
  hash: hash.repeat(8),
  kind,
  files: [{ path: "data.csv", hash: "", size }],
});
const step = (node: string, parts: Record<string, never> | object) => ({
  type: "step-run" as const,
  id: node,
  stepRun: { runId: "3f9a2c1b".repeat(4), node, step: node } as StepRun,
  parts: parts as never,
});

/** data → split → (training, test); training → train → model → version; both splits → audit. */
const graph: LineageGraph = {
  root: "version",
  nodes: [
    { type: "version", id: "version", name: "iris", version: 3, aliases: ["champion"] },
    artifact("aaaaaaaa", "model", 12_345),
    artifact("bbbbbbbb", "dataset", 4_000),
    artifact("cccccccc", "dataset", 5_000),
    step("train", { code: { "a.ts": "", "b.ts": "" } }),
    step("split", {}),
    step("data", { reads: { "file iris.csv": "8f3a2b1c".repeat(8) } }),
  ],
  arrows: [
    { from: "aaaaaaaa", to: "version", slot: "model" },
    { from: "train", to: "aaaaaaaa", slot: "model" },
    { from: "bbbbbbbb", to: "train", slot: "training" },
    { from: "bbbbbbbb", to: "train", slot: "validation" },
    { from: "split", to: "bbbbbbbb", slot: "training" },
    { from: "cccccccc", to: "split", slot: "data" },
    { from: "data", to: "cccccccc", slot: "data" },
  ],
  runs: [],
};

Deno.test("renderLineage() leads from a version back to the bytes of its data", async (t) => {
  const lines = renderLineage(graph, "ancestors", { paint: plainPaint, width: null });
  await t.assertSnapshot(lines.join("\n"));
});

Deno.test("renderLineage() leads from data forward to the version", async (t) => {
  const from = { ...graph, root: "cccccccc" };
  const lines = renderLineage(from, "descendants", { paint: plainPaint, width: 48 });
  await t.assertSnapshot(lines.join("\n"));
});
