import { openFolder, VALUE_FILE } from "../../runtime/artifacts/artifact_codec.ts";
import { GRAPH_PATH } from "../../runtime/executor/record_run_files.ts";
import { findRunFile, type Store } from "../../runtime/store/mod.ts";

/** How the nodes of a run are wired. */
export interface RunGraph {
  readonly nodes: readonly {
    readonly id: string;
    readonly step: string;
    /** Ids of the nodes whose outputs it takes, each once. */
    readonly after: readonly string[];
  }[];
}

/** The graph that a run recorded; `null` for runs of other programs, or when its bytes were collected. */
export async function findRunGraph(store: Store, runId: string): Promise<RunGraph | null> {
  const path = `${GRAPH_PATH}/${VALUE_FILE}`;
  const file = await findRunFile(store, runId, path);
  if (file === undefined || !await store.blobs.has(file.hash, file.size)) return null;
  const files = [{ ...file, path: VALUE_FILE }];
  const folder = openFolder({ kind: "json", hash: file.hash, files }, store.blobs);
  const { nodes } = await folder.readJson(VALUE_FILE) as unknown as {
    readonly nodes: readonly {
      readonly id: string;
      readonly step: string;
      readonly inputs: Readonly<Record<string, string>>;
    }[];
  };
  return {
    nodes: nodes.map(({ id, step, inputs }) => ({
      id,
      step,
      // An input is written `node.output`; outputs have no dot in their name.
      after: [
        ...new Set(Object.values(inputs).map((each) => each.slice(0, each.lastIndexOf(".")))),
      ],
    })),
  };
}
