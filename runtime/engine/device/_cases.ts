import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type {
  Batch,
  EngineName,
  ExternalData,
  TrainingOptions,
} from "../../../pipeline/engine_port.ts";
import { ExplainedError } from "../../../pipeline/explained_error.ts";
import type { Tensor } from "../../../pipeline/tensor.ts";
import { type Constant, input } from "../graph.ts";
import { graphToModel } from "../graph_to_model.ts";
import { type ModelProto, modelType } from "../onnx/onnx_schema.ts";
import { readModel } from "../onnx/read_model.ts";
import { writeModel } from "../onnx/write_model.ts";
import { emit } from "../operators/mod.ts";
import { seededRandom } from "../seeded_random.ts";
import { openEngine } from "../open_engine.ts";

const FEATURES = 6;
const CLASSES = 3;
const architecture = { kind: "mlp", hidden: [16] } as const;
const sizes = { features: FEATURES, classes: CLASSES, seed: 7 };
const options: TrainingOptions = {
  loss: { kind: "cross-entropy" },
  optimizer: { kind: "adamw", learningRate: 0.02 },
};

/** Three clouds of points, one per class: separable, so that training must find them. */
function clouds(examples: number, seed: number): Batch {
  const random = seededRandom(seed);
  const ids = Int32Array.from({ length: examples }, (_, row) => row % CLASSES);
  const features = Float32Array.from(
    { length: examples * FEATURES },
    (_, i) => random() + (i % CLASSES === ids[Math.floor(i / FEATURES)] ? 1 : 0),
  );
  return {
    inputs: { features: { type: "float32", shape: [examples, FEATURES], data: features } },
    targets: { type: "int32", shape: [examples], data: ids },
  };
}

async function trained(name: EngineName, iterations: number): Promise<Uint8Array<ArrayBuffer>> {
  await using engine = await openEngine(name, { threads: 1 });
  const model = await engine.build(architecture, sizes);
  await using training = await engine.openTraining(model, options);
  for (let i = 0; i < iterations; i++) await training.iterate(clouds(24, i));
  return await training.save();
}

/** What every engine promises. @param ignore Counted as skipped: this machine cannot open it. */
export function engineCases(name: EngineName, ignore = false): void {
  const test = (title: string, fn: () => Promise<void>): void => {
    const suffix = ignore ? " (skipped: no WebGPU adapter)" : "";
    Deno.test({ name: `${name} engine ${title}${suffix}`, ignore, fn });
  };
  const open = () => openEngine(name, { threads: 1 });

  test("learns, exports, and predicts what it learned", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    await using training = await engine.openTraining(model, options);
    const losses: number[] = [];
    for (let i = 0; i < 60; i++) losses.push((await training.iterate(clouds(24, i))).loss);
    await using inference = await engine.openInference(await training.export());
    const { inputs, targets } = clouds(31, 1000);
    const { logits, probabilities } = await inference.run(inputs);

    ok(losses.at(-1)! < losses[0]! / 4, `${losses[0]} became ${losses.at(-1)}`);
    deepEqual(logits!.shape, [31, CLASSES]);
    const rows = Array.from(
      { length: 31 },
      (
        _,
        row,
      ) => [...(probabilities!.data as Float32Array).subarray(row * CLASSES, (row + 1) * CLASSES)],
    );
    deepEqual(rows.map((row) => row.indexOf(Math.max(...row))), [...targets.data]);
    for (const row of rows) ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-5);
  });

  test("gives the same bytes for the same seed", async () => {
    const first = await trained(name, 5);

    deepEqual(await trained(name, 5), first);
    notEqual((await trained(name, 6)).toHex(), first.toHex());
  });

  test("goes on from a checkpoint as if it had never stopped", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    await using whole = await engine.openTraining(model, options);
    for (let i = 0; i < 3; i++) await whole.iterate(clouds(24, i));
    const checkpoint = await whole.save();
    for (let i = 3; i < 6; i++) await whole.iterate(clouds(24, i));

    await using resumed = await engine.openTraining(model, { ...options, checkpoint });
    for (let i = 3; i < 6; i++) {
      equal((await resumed.iterate(clouds(24, i))).iteration, i + 1);
    }

    deepEqual(await resumed.save(), await whole.save());
    deepEqual(await resumed.export(), await whole.export());
    await whole.restore(checkpoint);
    deepEqual(await whole.save(), checkpoint);
  });

  test("leaves values out at random, the same after a resume", async () => {
    await using engine = await open();
    const model = await engine.build({ ...architecture, dropout: 0.5 }, sizes);
    await using whole = await engine.openTraining(model, options);
    await whole.iterate(clouds(24, 0));
    const checkpoint = await whole.save();
    const { loss } = await whole.iterate(clouds(24, 1));
    await using resumed = await engine.openTraining(model, { ...options, checkpoint });
    await using other = await engine.openTraining(model, { ...options, seed: 1 });
    await other.iterate(clouds(24, 0));

    equal((await resumed.iterate(clouds(24, 1))).loss, loss);
    deepEqual(await resumed.save(), await whole.save());
    notEqual((await other.iterate(clouds(24, 1))).loss, loss);
    await using first = await engine.openInference(await whole.export());
    const { inputs } = clouds(5, 3);
    deepEqual(await first.run(inputs), await first.run(inputs));
  });

  test("refuses a batch of the wrong shape, with every problem", async () => {
    await using engine = await open();
    await using training = await engine.openTraining(
      await engine.build(architecture, sizes),
      options,
    );
    const { inputs, targets } = clouds(4, 1);
    const { data } = inputs.features!;

    await rejects(
      () =>
        training.iterate({
          inputs: {
            feature: { type: "float32", shape: [4, FEATURES], data: data as Float32Array },
          },
          targets,
        }),
      isExplained(
        "engine/bad-batch",
        /2 problems[^]*did you mean "features"[^]*"features" is missing/,
      ),
    );
    await rejects(
      () => training.iterate({ inputs, targets: { ...targets, shape: [4, 1] } as typeof targets }),
      isExplained("engine/bad-batch", /int32 \[4,1\] and must be int32 \[4\]/),
    );
    await rejects(
      () =>
        training.iterate({
          inputs: { features: { type: "float32", shape: [0, FEATURES], data: new Float32Array() } },
          targets: { type: "int32", shape: [0], data: new Int32Array() },
        }),
      isExplained("engine/bad-batch", /"features" is empty/),
    );
  });

  test("answers questions that come at the same time, while it trains", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    await using training = await engine.openTraining(model, options);
    await using one = await engine.openInference(model);
    await using other = await engine.openInference(
      await engine.build(architecture, { ...sizes, seed: 8 }),
    );
    const { inputs } = clouds(6, 1);
    const alone = [await one.run(inputs), await other.run(inputs)];

    const [first, , second, third] = await Promise.all([
      one.run(inputs),
      training.iterate(clouds(24, 1)),
      other.run(inputs),
      one.run(inputs),
    ]);

    deepEqual([first, second, third], [alone[0], alone[1], alone[0]]);
  });

  test("does what it is asked for at once one after the other", async () => {
    await using engine = await open();
    const model = await engine.build({ ...architecture, dropout: 0.3 }, sizes);
    await using one = await engine.openTraining(model, { ...options, clipNorm: 1 });
    await using other = await engine.openTraining(model, { ...options, clipNorm: 1 });
    const alone = [await one.iterate(clouds(24, 0)), await one.iterate(clouds(24, 1))];

    const [first, second, saved] = await Promise.all([
      other.iterate(clouds(24, 0)),
      other.iterate(clouds(24, 1)),
      other.save(),
      other.iterate(clouds(24, 2)),
    ]);

    deepEqual([first, second], alone);
    deepEqual(saved, await one.save());
  });

  test("says that a session was released, and releases once", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    const training = await engine.openTraining(model, options);
    const inference = await engine.openInference(model);
    const running = training.iterate(clouds(24, 0));
    for (const session of [training, inference, training, inference]) {
      await session[Symbol.asyncDispose]();
    }

    equal((await running).iteration, 1);
    const released = isExplained("engine/closed", /its session was released/);
    await rejects(() => training.iterate(clouds(24, 0)), released);
    await rejects(() => training.save(), released);
    await rejects(() => training.export(), released);
    await rejects(async () => await inference.run(clouds(5, 0).inputs), released);
  });

  test("refuses outputs that there are not, and data of another type", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    await using training = await engine.openTraining(model, options);
    await using inference = await engine.openInference(model);
    const { inputs, targets } = clouds(4, 0);
    const { shape } = inputs.features!;

    await rejects(
      async () => await inference.run(inputs, ["logit"]),
      isExplained("engine/no-such-output", /did you mean "logits"/),
    );
    const doubles = { type: "float32", shape, data: new Float64Array(4 * FEATURES) } as unknown;
    await rejects(
      () => training.iterate({ inputs: { features: doubles as Tensor }, targets }),
      isExplained("engine/bad-batch", /another type than Float32Array/),
    );
    await rejects(
      () => training.iterate({ inputs } as Batch),
      isExplained("engine/bad-batch", /the batch has none/),
    );
  });

  test("takes batches of any size", async () => {
    await using engine = await open();
    await using training = await engine.openTraining(
      await engine.build(architecture, sizes),
      options,
    );

    for (const examples of [24, 7, 24, 1]) {
      ok(Number.isFinite((await training.iterate(clouds(examples, 1))).loss));
    }
  });

  test("takes batches of different sizes together as one", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    const { inputs, targets } = clouds(24, 1);
    const part = (from: number, to: number): Batch => ({
      inputs: {
        features: {
          type: "float32",
          shape: [to - from, FEATURES],
          data: (inputs.features!.data as Float32Array).slice(from * FEATURES, to * FEATURES),
        },
      },
      targets: {
        type: "int32",
        shape: [to - from],
        data: (targets.data as Int32Array).slice(from, to),
      },
    });
    const sgd = { ...options, optimizer: { kind: "sgd", learningRate: 0.5 } } as const;
    await using apart = await engine.openTraining(model, sgd);
    await using together = await engine.openTraining(model, sgd);

    const { loss } = await apart.iterate([part(0, 5), part(5, 24)]);
    const whole = await together.iterate({ inputs, targets });

    ok(Math.abs(loss - whole.loss) < 1e-5, `${loss} and ${whole.loss}`);
    const found = readModel(await apart.export()).graph.initializers;
    for (const [name, { data }] of readModel(await together.export()).graph.initializers) {
      const others = found.get(name)!.data;
      data.forEach((item: number | bigint, i: number) =>
        ok(Math.abs(Number(item) - Number(others[i])) < 1e-5, `${name}[${i}]`)
      );
    }
  });

  test("exports what it began with before the first iteration, averaged or not", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    await using training = await engine.openTraining(model, { ...options, averageDecay: 0.9 });

    deepEqual(
      readModel(await training.export()).graph.initializers,
      readModel(model).graph.initializers,
    );
  });

  test("gives gradients without an update", async () => {
    await using engine = await open();
    await using training = await engine.openTraining(
      await engine.build(architecture, sizes),
      options,
    );
    const before = await training.save();

    const gradients = await training.gradients(clouds(24, 1), ["output.bias"]);

    deepEqual(Object.keys(gradients), ["output.bias"]);
    const sum = (gradients["output.bias"]!.data as Float32Array).reduce((a, b) => a + b);
    ok(Math.abs(sum) < 1e-6, `softmax(x) - target adds up to ${sum}, not 0`);
    deepEqual(await training.save(), before);
  });

  test("reads weights that are in a file beside the model", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    const { file, externalData } = withFileBeside(model);
    await using training = await engine.openTraining(file, { ...options, externalData });
    await using inside = await engine.openTraining(model, options);
    await using before = await engine.openInference(file, externalData);
    await using expected = await engine.openInference(model);

    deepEqual(await before.run(clouds(5, 1).inputs), await expected.run(clouds(5, 1).inputs));
    equal(
      (await training.iterate(clouds(24, 1))).loss,
      (await inside.iterate(clouds(24, 1))).loss,
    );
    deepEqual(readModel(await training.export()), readModel(await inside.export()));
    await rejects(
      () => engine.openTraining(file, options),
      isExplained("engine/onnx-unreadable", /"weights\.bin", which was not given/),
    );
  });

  test("writes weights to a file beside a model that is too large for one", async () => {
    await using engine = await open();
    const wide = { kind: "mlp", hidden: [64] } as const;
    const { onnx, externalData } = await engine.buildFiles(wide, { ...sizes, fileBytes: 2000 });
    const whole = await engine.build(wide, sizes);
    await using training = await engine.openTraining(onnx, { ...options, externalData });
    await using inside = await engine.openTraining(whole, options);
    equal(
      (await training.iterate(clouds(24, 1))).loss,
      (await inside.iterate(clouds(24, 1))).loss,
    );
    const files = await training.exportFiles({ fileBytes: 2000 });
    const read: string[] = [];
    const found = await engine.readExternalData(files.onnx, (path) => {
      read.push(path);
      return Promise.resolve(files.externalData[path]!);
    });
    await using trained = await engine.openInference(files.onnx, found);
    await using expected = await engine.openInference(await inside.export());

    deepEqual(read, ["model.onnx.data"]);
    ok(files.onnx.length < 2000, `the file has ${files.onnx.length} bytes`);
    const { inputs } = clouds(5, 1);
    deepEqual(await trained.run(inputs), await expected.run(inputs));
    deepEqual(await training.exportFiles(), { onnx: await inside.export(), externalData: {} });
    deepEqual(await engine.readExternalData(whole, () => Promise.reject(new Error("read"))), {});
  });

  // A software GPU needs half a minute for it: ort_webgpu_test.ts has a smaller one.
  if (name !== "webgpu") {
    test("holds no more memory after 500 iterations", async () => {
      await using engine = await open();
      const model = await engine.build({ kind: "mlp", hidden: [256, 256] }, sizes);
      await using training = await engine.openTraining(model, { ...options, clipNorm: 1 });
      const batch = clouds(24, 1);
      for (let i = 0; i < 100; i++) await training.iterate(batch);
      const before = Deno.memoryUsage().rss;
      for (let i = 0; i < 400; i++) await training.iterate(batch);
      const grown = (Deno.memoryUsage().rss - before) / 1e6;

      // Gradients are 0.3 MB: kept ones would come to 110 MB.
      ok(grown < 40, `the process has ${grown.toFixed(0)} MB more`);
    });
  }

  test("trains only the weights that were chosen", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    await using training = await engine.openTraining(model, {
      ...options,
      trainable: ["output.*"],
    });

    await training.iterate(clouds(24, 1));

    deepEqual(Object.keys(await training.gradients(clouds(24, 1))), [
      "output.weight",
      "output.bias",
    ]);
    await rejects(
      () => engine.openTraining(model, { ...options, trainable: ["outptu.weight"] }),
      isExplained("engine/no-such-weight", /"output\.weight"/),
    );
  });

  test("names the iteration of a loss that is not finite, and keeps the weights", async () => {
    await using engine = await open();
    await using training = await engine.openTraining(
      await engine.build(architecture, sizes),
      options,
    );
    await training.iterate(clouds(24, 1));
    const before = await training.save();
    const { inputs, targets } = clouds(24, 2);
    inputs.features!.data[FEATURES * 5] = NaN;

    await rejects(
      () => training.iterate({ inputs, targets }),
      isExplained("engine/non-finite-loss", /iteration 2 .*"features" holds NaN in row 5/),
    );
    deepEqual(await training.save(), before);
  });

  test("names what made the loss infinite: a weight, a gradient, or numbers on the way", async () => {
    await using engine = await open();
    const model = await engine.build(architecture, sizes);
    const optimizer = { kind: "sgd", learningRate: 3e38 } as const;
    await using wild = await engine.openTraining(model, { ...options, optimizer });
    await wild.iterate(clouds(24, 1));
    await rejects(
      () => wild.iterate(clouds(24, 2)),
      isExplained("engine/non-finite-loss", /iteration 2 .*: the weight ".*" holds (NaN|-?Inf)/),
    );

    const { inputs, targets } = clouds(24, 2);
    const features = inputs.features!.data as Float32Array;
    features.fill(3e38);
    await using training = await engine.openTraining(model, options);
    await rejects(
      () => training.iterate({ inputs, targets }),
      isExplained("engine/non-finite-loss", /iteration 1 .*weights are finite: numbers grew/),
    );
    features.fill(0);
    await using steep = await engine.openTraining(rootModel(), { ...options, clipNorm: 1 });
    await rejects(
      () => steep.iterate({ inputs, targets }),
      isExplained("engine/non-finite-loss", /the norm .* is NaN: the gradient of "w" holds NaN/),
    );
    const loss = { kind: "mean-squared-error" } as const;
    await using numbers = await engine.openTraining(model, { ...options, loss });
    const wanted = new Float32Array(24 * CLASSES);
    wanted[7] = NaN;
    await rejects(
      () =>
        numbers.iterate({
          inputs,
          targets: { type: "float32", shape: [24, CLASSES], data: wanted },
        }),
      isExplained("engine/non-finite-loss", /the batch's "targets" holds NaN in row 2/),
    );
  });

  test("refuses labels that are no class", async () => {
    await using engine = await open();
    await using training = await engine.openTraining(
      await engine.build(architecture, sizes),
      options,
    );
    const batch = clouds(24, 2);
    batch.targets.data[4] = CLASSES;

    await rejects(
      () => training.iterate(batch),
      isExplained("engine/bad-label", /row 4 is 3, and the model has the classes 0 to 2/),
    );
  });

  test("refuses the checkpoint of another model", async () => {
    await using engine = await open();
    const checkpoint = await trained(name, 1);
    const other = await engine.build({ kind: "mlp", hidden: [8] }, sizes);

    await rejects(
      () => engine.openTraining(other, { ...options, checkpoint }),
      isExplained("engine/bad-checkpoint", /model/),
    );
  });
}

/** The square root of a product: its slope at 0 is infinite. */
function rootModel(): Uint8Array<ArrayBuffer> {
  const x = input("features", "float32", [24, FEATURES]);
  const data = new Float32Array(FEATURES * CLASSES).fill(0.5);
  const w = { kind: "constant", name: "w", type: "float32", shape: [FEATURES, CLASSES], data };
  const logits = emit.apply("Sqrt", [emit.apply("MatMul", [x, w as Constant])]);
  return writeModel(graphToModel({ inputs: [x], outputs: { logits } }));
}

/** The same model, its tensors moved to a file of their own. */
function withFileBeside(
  model: Uint8Array,
): { file: Uint8Array<ArrayBuffer>; externalData: ExternalData } {
  const { graph, irVersion, opsetImport } = modelType.decode(model) as ModelProto;
  const parts: Uint8Array[] = [];
  let offset = 0;
  const initializer = graph!.initializer!.map(({ rawData, ...tensor }) => {
    const place = { location: "weights.bin", offset, length: rawData!.length };
    parts.push(rawData!);
    offset += rawData!.length;
    const externalData = Object.entries(place).map(([key, value]) => ({
      key,
      value: String(value),
    }));
    return { ...tensor, dataLocation: 1, externalData };
  });
  const bytes = modelType.encode({ irVersion, opsetImport, graph: { ...graph, initializer } });
  return {
    file: new Uint8Array(bytes.finish()),
    externalData: { "weights.bin": new Uint8Array(Buffer.concat(parts)) },
  };
}

function isExplained(code: string, text: RegExp): (error: unknown) => boolean {
  return (error) => {
    ok(error instanceof ExplainedError);
    equal(error.code, code);
    ok(text.test(error.message), error.message);
    return true;
  };
}
