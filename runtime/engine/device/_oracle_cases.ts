import { equal, ok } from "node:assert/strict";
import type { Batch, EngineName, TrainingOptions } from "../../../pipeline/engine_port.ts";
import type { Tensor } from "../../../pipeline/tensor.ts";
import { buildModel } from "../architectures/mod.ts";
import type { OnnxModel, OnnxTensor } from "../onnx/onnx_model.ts";
import { readModel } from "../onnx/read_model.ts";
import { writeModel } from "../onnx/write_model.ts";
import { openEngine } from "../open_engine.ts";
import oracle from "../testdata/mlp_oracle.json" with { type: "json" };
import optionsOracle from "../testdata/options_oracle.json" with { type: "json" };

type Weights = Readonly<Record<string, number[]>>;

/** What PyTorch saw, 20 iterations long: losses, gradients, weights. To 1e-5 of the largest number: float32 sums differ by order. */
export function oracleCases(name: EngineName, ignore = false): void {
  for (
    const [title, { activation, options, start, iterations, end }] of Object.entries(oracle.cases)
  ) {
    Deno.test({
      name: `${name} engine trains like PyTorch with ${title}${
        ignore ? " (skipped: no WebGPU adapter)" : ""
      }`,
      ignore,
      fn: async () => {
        await using engine = await openEngine(name, { threads: 1 });
        const model = writeModel(modelFrom(activation as "gelu" | "relu", start));
        await using training = await engine.openTraining(model, options as TrainingOptions);
        for (const { features, targets, loss, learning_rate, gradients } of iterations) {
          const examples = targets.length;
          const batch = {
            inputs: {
              features: {
                type: "float32",
                shape: [examples, oracle.features],
                data: Float32Array.from(features),
              },
            },
            targets: { type: "int32", shape: [examples], data: Int32Array.from(targets) },
          } as const;
          const found = await training.gradients(batch);
          for (const [weight, expected] of Object.entries(gradients)) {
            close(`gradient of ${weight}`, found[weight]!.data as Float32Array, expected);
          }
          const iteration = await training.iterate(batch);
          close("loss", [iteration.loss], [loss]);
          equal(iteration.learningRate.toFixed(12), learning_rate.toFixed(12));
        }
        const { initializers } = readModel(await training.export()).graph;
        for (const [weight, expected] of Object.entries(end)) {
          close(weight, initializers.get(weight)!.data as Float32Array, expected);
        }
      },
    });
  }
}

/** Losses, optimizers and schedules on a linear model, against PyTorch. */
export function optionCases(name: EngineName, ignore = false): void {
  const { features, outputs, batch, cases } = optionsOracle;
  for (const [title, { options, start, iterations, end }] of Object.entries(cases)) {
    Deno.test({
      name: `${name} engine trains like PyTorch with ${title}${
        ignore ? " (skipped: no WebGPU adapter)" : ""
      }`,
      ignore,
      fn: async () => {
        await using engine = await openEngine(name, { threads: 1 });
        const empty = buildModel({ kind: "mlp", hidden: [] }, {
          features,
          classes: outputs,
          seed: 0,
        });
        await using training = await engine.openTraining(
          writeModel(withWeights(empty, start)),
          options as TrainingOptions,
        );
        const targetsOf = (numbers: number[]): Tensor =>
          numbers.length === batch
            ? { type: "int32", shape: [batch], data: Int32Array.from(numbers) }
            : { type: "float32", shape: [batch, outputs], data: Float32Array.from(numbers) };
        for (const { batches, loss, learning_rate } of iterations) {
          const given = batches.map(({ features: data, targets }): Batch => ({
            inputs: {
              features: {
                type: "float32",
                shape: [batch, features],
                data: Float32Array.from(data),
              },
            },
            targets: targetsOf(targets),
          }));
          const iteration = await training.iterate(given.length === 1 ? given[0]! : given);
          close("loss", [iteration.loss], [loss]);
          equal(iteration.learningRate.toFixed(9), learning_rate.toFixed(9));
        }
        const { initializers } = readModel(await training.export()).graph;
        for (const [weight, expected] of Object.entries(end)) {
          close(weight, initializers.get(weight)!.data as Float32Array, expected);
        }
      },
    });
  }
}

function modelFrom(activation: "gelu" | "relu", weights: Weights): OnnxModel {
  const { features, classes, hidden } = oracle;
  return withWeights(
    buildModel({ kind: "mlp", hidden, activation }, { features, classes, seed: 0 }),
    weights,
  );
}

function withWeights(model: OnnxModel, weights: Weights): OnnxModel {
  const initializers = new Map<string, OnnxTensor>();
  for (const [name, { shape }] of model.graph.initializers) {
    initializers.set(name, { type: "float32", shape, data: Float32Array.from(weights[name]!) });
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

function close(what: string, found: ArrayLike<number>, expected: readonly number[]): void {
  equal(found.length, expected.length);
  const scale = Math.max(0.01, ...expected.map(Math.abs)); // small sums are differences of larger terms
  expected.forEach((number, i) => {
    ok(Math.abs(found[i]! - number) <= 1e-5 * scale, `${what}[${i}] is ${found[i]}, not ${number}`);
  });
}
