import type { InferenceSession } from "onnxruntime-node";
import { deepEqual, equal, rejects } from "node:assert/strict";
import { graphToModel } from "../graph_to_model.ts";
import { input } from "../graph.ts";
import { writeModel } from "../onnx/write_model.ts";
import { emit } from "../operators/mod.ts";
import { loadFillingGraph } from "./filling_graph.ts";
import type { OrtRuntime } from "./ort_graph.ts";
import { importOrtNode } from "./ort_packages.ts";

type Feeds = InferenceSession.OnnxValueMapType;
type Fetches = InferenceSession.FetchesType;

type Run = (feeds: Feeds, fetches: Fetches) => Promise<Feeds>;

const ort = await importOrtNode();

/** onnxruntime-node, and what it handed over instead of the arrays that it was given. @param behave How another one would run. */
function openRuntime(
  behave: (run: Run) => Run = (run) => run,
): OrtRuntime & { handedOver: string[] } {
  const handedOver: string[] = [];
  return {
    handedOver,
    engine: "cpu",
    inLine: (work) => work(),
    Tensor: ort.Tensor as OrtRuntime["Tensor"],
    open: async (model) => {
      const session = await ort.InferenceSession.create(model);
      const run = behave(session.run.bind(session) as Run);
      const watched = async (feeds: Feeds, fetches: Fetches): Promise<Feeds> => {
        const results = await run(feeds, fetches);
        handedOver.push(...Object.keys(results));
        return results;
      };
      session.run = watched as typeof session.run;
      return session;
    },
  };
}

const x = input("x", "float32", [3]);
const model = writeModel(
  graphToModel({
    inputs: [x],
    outputs: { square: emit.mul(x, x), sum: emit.sum(x, [0], false), twice: emit.add(x, x) },
  }),
);
const ones = { type: "float32", shape: [3], data: Float32Array.of(1, 2, 3) } as const;

Deno.test("loadFillingGraph() writes to the arrays that it is given, and nothing is copied", async () => {
  const runtime = openRuntime();
  await using graph = await loadFillingGraph(runtime, model);
  const square = { type: "float32", shape: [3], data: new Float32Array(3) } as const;

  for (const factor of [1, 2]) {
    const x = { ...ones, data: ones.data.map((number) => factor * number) };
    const found = await graph.run({ x }, { square });

    equal(found.square!.data, square.data);
    deepEqual([...square.data], [1, 4, 9].map((number) => factor * factor * number));
    deepEqual([...found.sum!.data as Float32Array], [6 * factor]);
    deepEqual([...found.twice!.data as Float32Array], [2, 4, 6].map((n) => factor * n));
  }
  deepEqual(runtime.handedOver, []);
});

/** What another version of onnxruntime-node might do with a list among the outputs. */
const others: Record<string, (run: Run) => Run> = {
  "hands the list over after it filled the arrays": (run) => async (feeds, fetches) => {
    if (!isFilling(fetches)) return await run(feeds, fetches);
    const { [END]: _, ...tensors } = fetches;
    return { ...await run(feeds, tensors), [END]: [] as unknown as Feeds[string] };
  },
  "hands new arrays over and leaves those alone that it was given": (run) => (feeds, fetches) =>
    run(feeds, isFilling(fetches) ? Object.keys(fetches).filter((name) => name !== END) : fetches),
  "refuses the list before it computes anything": (run) => (feeds, fetches) =>
    isFilling(fetches) ? Promise.reject(new Error("Non tensor type")) : run(feeds, fetches),
  "refuses the list in other words, after it filled the arrays": (run) => (feeds, fetches) =>
    run(feeds, fetches).catch((error) => {
      throw String(error).includes("Non tensor type") ? new Error("kNotSupported") : error;
    }),
  "refuses the list when some arrays are filled": (run) => async (feeds, fetches) => {
    if (!isFilling(fetches)) return await run(feeds, fetches);
    const { square } = fetches;
    await run(feeds, { square: square! });
    throw new Error("Non tensor type");
  },
  "refuses the list when the beginning of an array is filled": (run) => halfFilled(run, 2),
  "refuses the list when the end of an array is filled": (run) => halfFilled(run, 0),
};

const END = "hanok:end";

/** Leaves one element of the first array as it was. */
function halfFilled(run: Run, place: number): Run {
  return async (feeds, fetches) => {
    if (!isFilling(fetches)) return await run(feeds, fetches);
    const bits = new Uint32Array((fetches.square!.data as Float32Array).buffer);
    const before = bits[place]!;
    await run(feeds, fetches).catch(() => {});
    bits[place] = before;
    throw new Error("Non tensor type");
  };
}

function isFilling(fetches: Fetches): fetches is Exclude<Fetches, readonly string[]> {
  return !Array.isArray(fetches) && END in fetches;
}

for (const [title, behave] of Object.entries(others)) {
  const isFilled = title.includes("after it filled the arrays") && !title.includes("other words");

  Deno.test(`loadFillingGraph() gives the same numbers where onnxruntime ${title}`, async () => {
    let filling = 0;
    const runtime = openRuntime((run) => {
      const other = behave(run);
      return (feeds, fetches) => {
        if (isFilling(fetches)) filling++;
        return other(feeds, fetches);
      };
    });
    await using graph = await loadFillingGraph(runtime, model);
    const square = { type: "float32", shape: [3], data: new Float32Array(3) } as const;

    for (const numbers of [[1, 2, 3], [-1, 0, 5], [NaN, 1, NaN], [2, 2, 2]]) {
      const x = { ...ones, data: Float32Array.from(numbers) };
      const found = await graph.run({ x }, { square });

      equal(found.square!.data, square.data);
      deepEqual([...square.data], numbers.map((n) => n * n));
      deepEqual([...found.sum!.data as Float32Array], [numbers.reduce((a, b) => a + b)]);
      deepEqual([...found.twice!.data as Float32Array], numbers.map((n) => 2 * n));
    }
    equal(filling, isFilled ? 4 : 1, "it is tried again and again");
  });
}

Deno.test("loadFillingGraph() fills again after a run that failed", async () => {
  const runtime = openRuntime();
  await using graph = await loadFillingGraph(runtime, model);

  await rejects(() => graph.run({}), { code: "engine/run-failed" });
  const { square } = await graph.run({ x: ones });

  deepEqual([...square!.data as Float32Array], [1, 4, 9]);
  deepEqual(runtime.handedOver, []);
});

Deno.test("loadFillingGraph() tells what onnxruntime refuses", async () => {
  await using graph = await loadFillingGraph(openRuntime(), model);

  const short = { type: "float32", shape: [2], data: new Float32Array(2) } as const;
  await rejects(() => graph.run({ x: short }), { code: "engine/run-failed" });
  await rejects(() => graph.run({}), { code: "engine/run-failed" });
  await rejects(() => loadFillingGraph(openRuntime(), model.slice(0, 40)), {
    code: "engine/model-refused",
  });
});
