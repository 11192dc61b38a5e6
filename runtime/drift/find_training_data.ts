import type { DatasetHandle } from "../../pipeline/mod.ts";
import { openValue } from "../artifacts/artifact_codec.ts";
import type { LineageGraph, LineageNode } from "../lineage/mod.ts";
import type { Store } from "../store/mod.ts";

/** Why a version has nothing to be compared with, and what to do. */
export interface NoReference {
  readonly why: string;
  readonly fix: string;
}

/** A dataset, and the step output that made it. */
export interface TrainingData {
  readonly handle: DatasetHandle;
  readonly runId: string;
  /** `node.output`. */
  readonly address: string;
}

/** The nearest dataset on the way back from a model that holds all of its inputs; of several the one called training. */
export async function findTrainingData(
  store: Store,
  graph: LineageGraph,
  inputs: readonly string[],
): Promise<TrainingData | NoReference> {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  let collected = false;
  for (const layer of datasetLayers(graph, nodes)) {
    for (const { id, hash, files } of layer) {
      const isThere = await Promise.all(
        files.map((file) => store.blobs.has(file.hash, file.size)),
      );
      if (!isThere.every(Boolean)) {
        collected = true;
        continue;
      }
      const handle = await openValue({ kind: "dataset", hash, files }, store.blobs);
      const columns = new Set(handle.schema.columns.map(({ name }) => name));
      if (!inputs.every((name) => columns.has(name))) continue;
      return { handle, ...makerOf(graph, nodes, id) };
    }
  }
  return collected
    ? {
      why: "the rows it was trained on were removed, as no recent run needs them",
      fix: "Run its pipeline again: what is missing is made anew",
    }
    : {
      why: `no dataset that it was made from has the columns ${inputs.slice(0, 5).join(", ")}${
        inputs.length > 5 ? " …" : ""
      }`,
      fix: "Train it on a dataset with the columns that its signature names",
    };
}

type Dataset = LineageNode & { readonly type: "artifact" };

/** Datasets by how many steps lie between them and the model, those wired as training data first in each layer. */
function* datasetLayers(
  { root, arrows }: LineageGraph,
  nodes: ReadonlyMap<string, LineageNode>,
): Generator<readonly Dataset[]> {
  const seen = new Set([root]);
  let layer: readonly string[] = [root];
  while (layer.length > 0) {
    const into = arrows.filter(({ to, from }) => layer.includes(to) && !seen.has(from));
    const slots = Map.groupBy(into, ({ from }) => from);
    layer = [...slots.keys()];
    for (const id of layer) seen.add(id);
    const placeOf = (id: string): number =>
      Math.min(
        ...slots.get(id)!.map(({ slot }) =>
          slot === "training" ? 0 : /valid|test|eval/.test(slot) ? 2 : 1
        ),
      );
    yield layer.map((id) => nodes.get(id))
      .filter((node) => node?.type === "artifact" && node.kind === "dataset")
      .map((node) => node as Dataset)
      .sort((a, b) => placeOf(a.id) - placeOf(b.id));
  }
}

function makerOf(
  { arrows }: LineageGraph,
  nodes: ReadonlyMap<string, LineageNode>,
  dataset: string,
): Omit<TrainingData, "handle"> {
  const arrow = arrows.find(({ to }) => to === dataset);
  const maker = arrow === undefined ? undefined : nodes.get(arrow.from);
  return maker?.type === "step-run"
    ? { runId: maker.stepRun.runId, address: `${maker.stepRun.node}.${arrow!.slot}` }
    : { runId: "", address: "" };
}
