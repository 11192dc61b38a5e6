import { deepEqual, equal, rejects } from "node:assert/strict";
import { MODEL_FILES, type Preprocessor, type Tensor } from "../../pipeline/mod.ts";
import type { BatchFacts } from "./batching.ts";
import { modelFiles, probabilities, ROW } from "./_fake_models.ts";
import { loadModel, type ServingPorts } from "./load_model.ts";

/** Ports whose model says that "yes" is as probable as a tenth of the row's length. */
function fakePorts({ shareOf = (length: number) => length / 10 } = {}) {
  const state = { released: false, batches: 0, lists: 0 };
  const ports: ServingPorts = {
    preprocessing: {
      open: () => ({
        encode: (rows): Record<string, Tensor> => ({
          features: {
            type: "float32",
            shape: [rows.length],
            data: Float32Array.from(rows, (row) => Number(row.length)),
          },
        }),
      } as Preprocessor),
      async *encodeMany(preprocessor, lists) {
        for await (const list of lists) {
          state.lists++;
          yield [list, preprocessor.encode(list.rows)];
        }
      },
    },
    engine: {
      readExternalData: () => Promise.resolve({}),
      openInference: () =>
        Promise.resolve({
          inputs: [],
          outputs: [],
          run({ features }) {
            state.batches++;
            const shares = [...features!.data as Float32Array].map(shareOf);
            return Promise.resolve({ ...probabilities(shares) });
          },
          [Symbol.asyncDispose]() {
            state.released = true;
            return Promise.resolve();
          },
        }),
    },
  };
  return { ports, state };
}

Deno.test("loadModel() tries the model on its own input example, and then answers", async () => {
  const { ports, state } = fakePorts();

  await using model = await loadModel(modelFiles(), ports);

  equal(state.batches, 1);
  deepEqual(model.inputExample.map((row) => ({ ...row })), [ROW]);
  const [answer] = await model.predict([{ ...ROW, length: 7.5 }]);
  deepEqual(answer, { label: "yes", confidence: 0.75, probabilities: { no: 0.25, yes: 0.75 } });
});

Deno.test("a very small model answers a few rows at once, and more of them by its queue", async () => {
  const { ports, state } = fakePorts();
  const openInference: ServingPorts["engine"]["openInference"] = async (...given) => {
    const session = await ports.engine.openInference(...given);
    const input = new Float32Array(1);
    const run = () => Float32Array.of(1 - input[0]! / 10, input[0]! / 10);
    return { ...session, openRow: () => ({ name: "features", input, run }) };
  };
  const batches: BatchFacts[] = [];
  const preprocessing: ServingPorts["preprocessing"] = {
    ...ports.preprocessing,
    open: (fitted) => ({
      ...ports.preprocessing.open(fitted),
      openRow: (columns) => (row, into) => {
        into[0] = Number(row[columns.indexOf("length")]);
        return row[columns.indexOf("count")] !== null;
      },
    }),
  };
  const small = { preprocessing, engine: { ...ports.engine, openInference } };
  const model = await loadModel(modelFiles(), small, { onBatch: (facts) => batches.push(facts) });

  const expected = { label: "yes", confidence: 0.75, probabilities: { no: 0.25, yes: 0.75 } };
  deepEqual(model.predictNow!([{ ...ROW, length: 7.5 }]), [expected]);
  deepEqual(model.predictNow!([[7.5, 3, "pro", true]]), [expected]);
  equal(model.predictNow!([{ ...ROW, count: null }]), undefined);
  deepEqual(batches.map(({ rows, requests }) => [rows, requests]), Array(4).fill([1, 1]));
  equal(model.predictNow!(Array(17).fill(ROW)), undefined);
  equal(state.batches, 1);
  await model[Symbol.asyncDispose]();
  equal(model.predictNow!([ROW]), undefined);
});

Deno.test("a model that is alone answers many rows in their order, and is released when it has", async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ ...ROW, length: i % 11 }));
  for (const isAlone of [true, false]) {
    const { ports, state } = fakePorts();
    const limits = { batchRows: 64, queuedRows: 1000 };
    const model = await loadModel(modelFiles(), ports, { limits, isAlone });

    const answering = model.predict(rows);
    if (isAlone) await model[Symbol.asyncDispose]();
    const answers = await answering;

    deepEqual(
      answers.map(({ probabilities }) => probabilities.yes),
      rows.map(({ length }) => length / 10),
    );
    equal(state.lists, isAlone ? 16 : 0);
    if (!isAlone) await model[Symbol.asyncDispose]();
    equal(state.released, true);
  }
});

Deno.test("loadModel() refuses a model that gives no finite answer to its own example", async () => {
  const { ports, state } = fakePorts({ shareOf: () => NaN });

  await rejects(loadModel(modelFiles(), ports), { code: "serving/bad-output" });
  equal(state.released, true);
});

Deno.test("loadModel() refuses an example that does not fit the signature", async () => {
  const files = modelFiles({ [MODEL_FILES.inputExample]: { length: "long" } });

  await rejects(loadModel(files, fakePorts().ports), { code: "serving/bad-example" });
});

Deno.test("loadModel() serves a model that came without an example", async () => {
  const { ports, state } = fakePorts();

  await using model = await loadModel(modelFiles({ [MODEL_FILES.inputExample]: undefined }), ports);

  deepEqual(model.inputExample, []);
  equal(state.batches, 0);
});

for (const file of [MODEL_FILES.signature, MODEL_FILES.preprocessing, MODEL_FILES.model]) {
  Deno.test(`loadModel() says that ${file} is missing`, async () => {
    await rejects(loadModel(modelFiles({ [file]: undefined }), fakePorts().ports), {
      code: "artifact/missing-file",
      what: `Cannot read ${file}`,
    });
  });
}

Deno.test("loadModel() names everything that is wrong with a signature", async () => {
  const signature = { task: "regression", inputs: [{ name: "a" }], labels: [] };

  await rejects(
    loadModel(modelFiles({ [MODEL_FILES.signature]: signature }), fakePorts().ports),
    (error: { code: string; why: string }) =>
      error.code === "serving/bad-signature" && /4 problems/.test(error.why) &&
      /regression/.test(error.why) && /inputs\.0/.test(error.why),
  );
});
