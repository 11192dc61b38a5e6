import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Batch,
  EngineName,
  FrozenCache,
  Iteration,
  TrainingOptions,
} from "../../../pipeline/engine_port.ts";
import { emit } from "../operators/mod.ts";
import { type Constant, input, int, integers } from "../graph.ts";
import { graphToModel } from "../graph_to_model.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { writeModel } from "../onnx/write_model.ts";
import { openEngine } from "../open_engine.ts";
import { seededRandom } from "../seeded_random.ts";

const FEATURES = 6;
const EXAMPLES = 7;
const options: TrainingOptions = {
  loss: { kind: "cross-entropy" },
  optimizer: { kind: "adamw", learningRate: 0.02 },
  trainable: ["output.*"],
};

/** The same two batches in every epoch, the second shorter. */
function batchOf(iteration: number): Batch {
  const which = iteration % 2;
  const examples = which === 0 ? EXAMPLES : 3;
  const random = seededRandom(which);
  const data = Float32Array.from({ length: examples * FEATURES }, () => random());
  return {
    inputs: { features: { type: "float32", shape: [examples, FEATURES], data } },
    targets: {
      type: "int32",
      shape: [examples],
      data: Int32Array.from({ length: examples }, (_, i) => i % 2),
    },
  };
}

/** What every engine promises of the outputs that it keeps. */
export function frozenCases(name: EngineName, ignore = false): void {
  const test = (title: string, fn: (folder: string) => Promise<void>): void => {
    const suffix = ignore ? " (skipped: no WebGPU adapter)" : "";
    Deno.test({
      name: `${name} engine ${title}${suffix}`,
      ignore,
      fn: async () => {
        const folder = await mkdtemp(join(tmpdir(), "hanok-frozen-"));
        try {
          await fn(folder);
        } finally {
          await rm(folder, { recursive: true });
        }
      },
    });
  };
  const train = async (
    frozenCache: FrozenCache | undefined,
    seed = 1,
  ): Promise<{ iterations: Iteration[]; model: Uint8Array }> => {
    await using engine = await openEngine(name, { threads: 1 });
    const architecture = { kind: "mlp", hidden: [16, 16], dropout: 0.4 } as const;
    const model = await engine.build(architecture, { features: FEATURES, classes: 2, seed });
    await using training = await engine.openTraining(model, {
      ...options,
      ...(frozenCache === undefined ? {} : { frozenCache }),
    });
    const iterations: Iteration[] = [];
    for (let i = 0; i < 4; i++) iterations.push(await training.iterate(batchOf(i)));
    return { iterations, model: await training.export() };
  };
  const found = ({ iterations }: { iterations: Iteration[] }) =>
    iterations.map(({ fromCache }) => fromCache);

  test("leaves nothing out at random in the part that it keeps", async (folder) => {
    await using engine = await openEngine(name, { threads: 1 });
    const losses = async (dropout: number, seed: number, kept: string | undefined) => {
      const architecture = { kind: "mlp", hidden: [16, 16], dropout } as const;
      const model = await engine.build(architecture, { features: FEATURES, classes: 2, seed: 1 });
      await using training = await engine.openTraining(model, {
        ...{ ...options, seed },
        ...(kept === undefined ? {} : { frozenCache: { folder: kept } }),
      });
      return (await training.iterate(batchOf(0))).loss;
    };
    const still = await losses(0, 1, undefined);

    ok(Math.abs(await losses(0.4, 1, folder) - still) < 1e-5);
    ok(Math.abs(await losses(0.4, 2, undefined) - still) > 1e-5);
  });

  test("computes the frozen part once for each example, then finds it", async (folder) => {
    const first = await train({ folder });
    const restarted = await train({ folder });
    const other = await train({ folder }, 2);

    deepEqual(found(first), [0, 0, EXAMPLES, 3]);
    deepEqual(found(restarted), [EXAMPLES, 3, EXAMPLES, 3]);
    deepEqual(restarted.model, first.model);
    deepEqual(found(other), [0, 0, EXAMPLES, 3]); // other frozen weights
  });

  test("finds what it kept when only trained weights are others", async (folder) => {
    const { model } = await train({ folder });
    await using engine = await openEngine(name, { threads: 1 });
    await using training = await engine.openTraining(model as Uint8Array<ArrayBuffer>, {
      ...{ ...options, frozenCache: { folder } },
    });
    await using again = await engine.openTraining(await training.export(), {
      ...{ ...options, frozenCache: { folder } },
    });
    await training.iterate(batchOf(0));
    await using third = await engine.openTraining(await training.export(), {
      ...{ ...options, frozenCache: { folder } },
    });

    equal((await again.iterate(batchOf(0))).fromCache, 0); // its session began before
    equal((await third.iterate(batchOf(0))).fromCache, EXAMPLES);
  });

  test("computes only what is new in a batch", async (folder) => {
    await using engine = await openEngine(name, { threads: 1 });
    const sizes = { features: FEATURES, classes: 2, seed: 1 };
    const model = await engine.build({ kind: "mlp", hidden: [16] }, sizes);
    await using kept = await engine.openTraining(model, { ...options, frozenCache: { folder } });
    await using plain = await engine.openTraining(model, options);
    for (const { changed, known } of [{ changed: 0, known: 0 }, { changed: 1, known: 6 }]) {
      for (const size of [1, 2]) { // the second time all is known
        const batch = batchOf(0);
        const data = batch.inputs.features!.data as Float32Array;
        for (let i = 0; i < changed * FEATURES; i++) data[i]! += changed;
        const { loss, fromCache } = await kept.iterate(batch);

        equal(fromCache, size === 1 ? known : EXAMPLES);
        ok(Math.abs(loss - (await plain.iterate(batch)).loss) < 1e-5, `${loss}`);
      }
    }
  });

  test("keeps nothing when the folder may hold nothing, and trains the same", async (folder) => {
    const kept = await train({ folder });
    const full = await train({ folder: join(folder, "full"), maxBytes: 100 });

    deepEqual(found(full), [0, 0, 0, 0]);
    deepEqual(full.model, kept.model);
    deepEqual(await readdir(join(folder, "full")), []);
  });

  test("keeps outputs in half precision, rounded from the first time on", async (folder) => {
    const first = await train({ folder, precision: "float16" });
    const restarted = await train({ folder, precision: "float16" });
    const exact = await train({ folder });

    deepEqual(restarted.model, first.model);
    deepEqual(found(exact), [0, 0, EXAMPLES, 3]);
    first.iterations.forEach(({ loss }, i) =>
      ok(Math.abs(loss - exact.iterations[i]!.loss) < 1e-3, `${loss}`)
    );
    ok(first.iterations.some(({ loss }, i) => loss !== exact.iterations[i]!.loss));
  });

  test("refuses to keep what depends on the other examples of a batch", async (folder) => {
    await using engine = await openEngine(name, { threads: 1 });
    const model = writeModel(centredOverTheBatch());
    await using training = await engine.openTraining(model, {
      ...options,
      trainable: ["head"],
      frozenCache: { folder },
    });

    await rejects(() => training.iterate(batchOf(0)), { code: "engine/not-cacheable" });
  });

  for (const precision of ["float32", "float16"] as const) {
    test(`finds a text whatever it is filled up to, in ${precision}`, async (folder) => {
      const found: (number | undefined)[] = [];
      for (const [iterations, runs] of [[3, [5, 8, 5]], [1, [6]]] as const) {
        await using engine = await openEngine(name, { threads: 1 });
        const model = await engine.build(tinyEncoder, { classes: 2, seed: 1 });
        const chosen = { ...textOptions, unfrozenLayers: 1 };
        const frozenCache = { folder, precision };
        await using kept = await engine.openTraining(model, { ...chosen, frozenCache });
        await using plain = await engine.openTraining(model, chosen);
        for (let i = 0; i < iterations; i++) {
          const batch = textsFilledUpTo(runs[i]!);
          const { loss, fromCache } = await kept.iterate(batch);
          found.push(fromCache);
          const apart = Math.abs(loss - (await plain.iterate(batch)).loss);
          ok(apart < (precision === "float32" ? 1e-5 : 1e-2), `iteration ${i}: ${apart}`);
        }
      }

      deepEqual(found, [0, 3, 3, 3]);
    });
  }

  for (const trained of ["head", "scale"] as const) {
    test(`finds a text only with its padding when what is behind it counts, ${trained} trained`, async (folder) => {
      await using engine = await openEngine(name, { threads: 1 });
      const model = writeModel(meanOfAllPositions());
      const trainable = trained === "head" ? ["head"] : ["head", "scale"];
      const chosen = { ...textOptions, trainable };
      await using kept = await engine.openTraining(model, { ...chosen, frozenCache: { folder } });
      await using plain = await engine.openTraining(model, chosen);
      const found: (number | undefined)[] = [];
      for (const length of [6, 8, 6, 8]) {
        const batch = textsFilledUpTo(length);
        const { loss, fromCache } = await kept.iterate(batch);
        found.push(fromCache);
        ok(Math.abs(loss - (await plain.iterate(batch)).loss) < 1e-5, `length ${length}: ${loss}`);
      }

      deepEqual(found, [0, 0, 3, 3]);
    });
  }

  test("needs no cache where nothing heavy is frozen", async (folder) => {
    await using engine = await openEngine(name, { threads: 1 });
    const model = await engine.build({ kind: "mlp", hidden: [4] }, {
      features: FEATURES,
      classes: 2,
      seed: 1,
    });
    const { trainable: _, ...all } = options;
    await using training = await engine.openTraining(model, { ...all, frozenCache: { folder } });

    equal((await training.iterate(batchOf(0))).fromCache, 0);
    equal((await training.iterate(batchOf(0))).fromCache, 0);
  });
}

const textOptions = {
  loss: { kind: "cross-entropy" },
  optimizer: { kind: "adamw", learningRate: 0.02 },
} as const;

const tinyEncoder = {
  kind: "encoder",
  family: "bert",
  layers: 2,
  hidden: 8,
  heads: 2,
  intermediate: 16,
  vocabulary: 20,
  positions: 10,
} as const;

/** Three texts of 5, 2 and 4 tokens. */
function textsFilledUpTo(length: number): Batch {
  const texts = [[2, 5, 7, 11, 3], [2, 3], [2, 13, 5, 3]];
  const shape = [texts.length, length];
  const rows = (of: (token: number | undefined) => number): BigInt64Array<ArrayBuffer> =>
    BigInt64Array.from(
      texts.flatMap((text) => Array.from({ length }, (_, i) => BigInt(of(text[i])))),
    );
  return {
    inputs: {
      input_ids: { type: "int64", shape, data: rows((token) => token ?? 0) },
      attention_mask: {
        type: "int64",
        shape,
        data: rows((token) => token === undefined ? 0 : 1),
      },
    },
    targets: { type: "int32", shape: [texts.length], data: Int32Array.of(0, 1, 1) },
  };
}

/** A bad model: it has a mask and takes no notice of it. */
function meanOfAllPositions(): OnnxModel {
  const ids = input("input_ids", "int64", [3, 6]);
  const mask = input("attention_mask", "int64", [3, 6]);
  const tokens = emit.apply("Gather", [weight("table", [20, 8]), ids]);
  const hidden = emit.apply("MatMul", [tokens, weight("frozen", [8, 4])]);
  const scaled = emit.mul(hidden, weight("scale", [4]));
  const mean = emit.apply("ReduceMean", [scaled, integers([1])], { keepdims: int(0) });
  const logits = emit.apply("MatMul", [mean, weight("head", [4, 2])]);
  const model = graphToModel({ inputs: [ids, mask], outputs: { logits } });
  const free = { type: "int64", shape: ["batch", "length"] } as const;
  const inputs = model.graph.inputs.map(({ name }) => ({ name, ...free }));
  const outputs = [{ name: "logits", type: "float32", shape: ["batch", 2] }] as const;
  return { ...model, graph: { ...model.graph, inputs, outputs } };
}

function weight(label: string, shape: readonly number[]): Constant {
  const random = seededRandom(label.length);
  const length = shape.reduce((product, axis) => product * axis);
  const data = Float32Array.from({ length }, () => random() - 0.5);
  return { kind: "constant", type: "float32", name: label, shape, data };
}

function centredOverTheBatch(): OnnxModel {
  const x = input("features", "float32", [EXAMPLES, FEATURES]);
  const hidden = emit.apply("MatMul", [x, weight("frozen", [FEATURES, 4])]);
  const mean = emit.mul(emit.sum(hidden, [0], true), emit.scalar(hidden, 1 / EXAMPLES));
  const logits = emit.apply("MatMul", [emit.sub(hidden, mean), weight("head", [4, 2])]);
  return graphToModel({ inputs: [x], outputs: { logits } });
}
