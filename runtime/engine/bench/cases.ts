import type { BuildableArchitecture } from "../../../pipeline/architecture.ts";

/** One thing to measure: a model, its batch, and what is trained of it. */
export interface BenchCase {
  readonly architecture: BuildableArchitecture;
  readonly batch: number;
  /** Tokens of an example; 0 for a model of features. */
  readonly length: number;
  readonly features: number;
  readonly classes: number;
  readonly unfrozenLayers?: number;
  /** Whether it is measured beside jax-js, too. */
  readonly measuresWeb?: true;
  /** Whether texts of different lengths are measured, too. */
  readonly measuresLengths?: true;
  /** Largest allowed ratio of our CPU time to PyTorch's. */
  readonly target: number;
  /** Iterations that are measured, after two that are not. */
  readonly iterations: number;
}

function encoder(
  layers: number,
  hidden: number,
  heads: number,
  vocabulary: number,
): BuildableArchitecture {
  const sizes = { layers, hidden, heads, intermediate: 4 * hidden, vocabulary, positions: 128 };
  return { kind: "encoder", family: "bert", ...sizes };
}

/** By name. */
export const benchCases: Readonly<Record<string, BenchCase>> = {
  "mlp 64-256-256-10, batch 64": {
    architecture: { kind: "mlp", hidden: [256, 256] },
    batch: 64,
    length: 0,
    features: 64,
    classes: 10,
    measuresWeb: true,
    target: 1,
    iterations: 300,
  },
  "tiny encoder (2 x 128), batch 16, length 64": {
    architecture: encoder(2, 128, 2, 2000),
    batch: 16,
    length: 64,
    features: 0,
    classes: 2,
    target: 0.7,
    iterations: 40,
  },
  "small encoder (4 x 256), batch 32, length 64": {
    architecture: encoder(4, 256, 4, 2000),
    batch: 32,
    length: 64,
    features: 0,
    classes: 2,
    measuresLengths: true,
    target: 0.65,
    iterations: 12,
  },
  "BERT-base, last 2 layers, batch 8, length 64": {
    architecture: encoder(12, 768, 12, 30522),
    batch: 8,
    length: 64,
    features: 0,
    classes: 2,
    unfrozenLayers: 2,
    target: 0.65,
    iterations: 8,
  },
};
