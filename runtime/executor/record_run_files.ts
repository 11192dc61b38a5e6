import { describeGraph, type Graph, type Json } from "../../pipeline/mod.ts";
import { encodeValue, VALUE_FILE } from "../artifacts/artifact_codec.ts";
import { artifactHash } from "../cache/content_hash.ts";
import { logInputs, recordArtifacts, recordRunArtifacts, type Store } from "../store/mod.ts";
import type { FinishedStep } from "./finished_step.ts";
import type { PlanWorld, RunSubject } from "./run_world.ts";

/** Digests have 36 characters at most in MLflow's data model. */
const DIGEST_LENGTH = 36;

/**
 * Keeps what made the run under `hanok/` in its folder: config, and per node the parts of its cache
 * key with the hash of every module and the version of every package. Datasets that came from
 * outside become the run's inputs.
 */
export async function recordRunFiles(
  { store, config }: Pick<RunSubject, "config"> & Pick<PlanWorld, "store">,
  run: string,
  steps: readonly FinishedStep[],
): Promise<void> {
  const record = {
    config,
    nodes: Object.fromEntries(
      steps.flatMap(({ node, decision }) => decision === null ? [] : [[node.id, decision.parts]]),
    ),
  } as unknown as Json;
  const blob = await store.blobs.put(encodeValue("json", record));
  const files = [{ path: VALUE_FILE, ...blob }];
  const hash = await artifactHash("json", files);
  await recordArtifacts(store, [{ hash, kind: "json", files }]);
  await recordRunArtifacts(store, run, [{ path: "hanok/record", artifact: hash }]);
  await logInputs(store, run, sourceDatasets(steps));
}

/**
 * Keeps how the nodes are wired under `hanok/graph` of the run's folder, as `describeGraph` tells it, so that a
 * page can draw a run that goes on. Params are left out: they stand in the record.
 */
export async function recordGraph(store: Store, run: string, graph: Graph): Promise<void> {
  const { nodes, ...rest } = describeGraph(graph);
  const wiring = { ...rest, nodes: nodes.map(({ params: _params, ...node }) => node) };
  const blob = await store.blobs.put(encodeValue("json", wiring as unknown as Json));
  const files = [{ path: VALUE_FILE, ...blob }];
  const hash = await artifactHash("json", files);
  await recordArtifacts(store, [{ hash, kind: "json", files }]);
  await recordRunArtifacts(store, run, [{ path: GRAPH_PATH, artifact: hash }]);
}

/** Where a run's folder holds its graph. */
export const GRAPH_PATH = "hanok/graph";

/** Datasets made by nodes without inputs: they came from outside. */
function sourceDatasets(steps: readonly FinishedStep[]): Parameters<typeof logInputs>[2] {
  return steps.filter(({ node }) => Object.keys(node.inputs).length === 0)
    .flatMap(({ node, outputs, decision }) =>
      Object.values(outputs).filter(({ kind }) => kind === "dataset").map(({ hash }) => ({
        name: node.id,
        digest: hash.slice(0, DIGEST_LENGTH),
        sourceType: "local",
        source: JSON.stringify({ reads: decision?.parts.reads ?? {}, artifact: hash }),
        tags: { "mlflow.data.context": "training" },
      }))
    );
}
