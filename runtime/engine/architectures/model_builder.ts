import { ExplainedError, listProblems } from "../../../pipeline/explained_error.ts";
import { numbersOf } from "../element_type.ts";
import { float, int } from "../graph.ts";
import { IR_VERSION, OPSET } from "../graph_to_model.ts";
import type {
  OnnxAttributes,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from "../onnx/onnx_model.ts";
import type { RandomNumbers } from "../seeded_random.ts";
import { elementCount, type Shape } from "../shape.ts";

/** How a weight starts that no file gives. */
export type Start =
  | { readonly kind: "constant"; readonly value: number }
  /** Evenly from -limit to limit. */
  | { readonly kind: "even"; readonly limit: number }
  /** Normally with mean 0. */
  | { readonly kind: "normal"; readonly deviation: number };

/** Writes a forward model node by node; values are names. */
export interface ModelBuilder {
  input(name: string, type: OnnxValueInfo["type"], shape: readonly (number | string)[]): string;
  /** A weight: the file's if there is one, else drawn. @returns Its name. */
  weight(name: string, shape: Shape, start: Start): string;
  /** A number, or whole numbers, that do not train. */
  constant(name: string, tensor: OnnxTensor): string;
  /** @returns The name of the output, which is the node's own. */
  node(op: string, name: string, inputs: readonly string[], attributes?: OnnxAttributes): string;
  /** A node with several outputs. @returns Their names, which are the given ones. */
  nodes(
    op: string,
    names: readonly string[],
    inputs: readonly string[],
    attributes: OnnxAttributes,
  ): readonly string[];
  /** y = x W' + b on rows; W is `[outputs, inputs]` as PyTorch stores it. @param scale Of the whole result. */
  linear(x: string, name: string, sizes: readonly [number, number], scale?: number): string;
  /** The weights of such a layer: matrix `[outputs, inputs]` and bias `[outputs]`. */
  linearWeights(
    name: string,
    sizes: readonly [number, number],
  ): { readonly matrix: string; readonly bias: string };
  layerNorm(x: string, name: string, width: number, epsilon: number): string;
  /** Random zeros in training, nothing in inference. */
  dropout(x: string, ratio: number): string;
  /** @throws {ExplainedError} `engine/bad-weights` if the file lacks weights, or has some of another shape. */
  finish(name: string, output: OnnxValueInfo): OnnxModel;
}

/** What weights are taken from. */
export interface WeightSource {
  readonly random: RandomNumbers;
  /** Weights of a file, by name. */
  readonly pretrained?: ReadonlyMap<string, OnnxTensor>;
  /** Whether a weight may be missing in the file: a new classifier. */
  readonly mayBeNew: (name: string) => boolean;
}

/** An empty model. */
export function openModelBuilder(source: WeightSource): ModelBuilder {
  const inputs: OnnxValueInfo[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const nodes: OnnxNode[] = [];
  const problems: string[] = [];
  const builder: ModelBuilder = {
    input(name, type, shape) {
      inputs.push({ name, type, shape });
      return name;
    },
    weight(name, shape, start) {
      const stored = source.pretrained?.get(name);
      const fits = stored?.shape.join() === shape.join();
      const found = fits || !source.mayBeNew(name) ? stored : undefined;
      if (found !== undefined && !fits) {
        problems.push(`"${name}" is [${found.shape}] and must be [${shape}]`);
      } else if (found === undefined && source.pretrained !== undefined && !source.mayBeNew(name)) {
        problems.push(`"${name}" is missing`);
      }
      const data = found === undefined
        ? drawn(source.random, elementCount(shape), start)
        : Float32Array.from(numbersOf(found.data));
      initializers.set(name, { type: "float32", shape, data });
      return name;
    },
    constant(name, tensor) {
      initializers.set(name, tensor);
      return name;
    },
    node(op, name, given, attributes = {}) {
      return builder.nodes(op, [name], given, attributes)[0]!;
    },
    nodes(op, names, given, attributes) {
      nodes.push({ name: names[0]!, op, domain: "", inputs: given, outputs: names, attributes });
      return names;
    },
    linear(x, name, sizes, scale = 1) {
      const { matrix, bias } = builder.linearWeights(name, sizes);
      const scaled = scale === 1 ? {} : { alpha: float(scale), beta: float(scale) };
      return builder.node("Gemm", `${name}.rows`, [x, matrix, bias], { transB: int(1), ...scaled });
    },
    linearWeights(name, [width, outputs]) {
      const start: Start = { kind: "normal", deviation: 0.02 };
      return {
        matrix: builder.weight(`${name}.weight`, [outputs, width], start),
        bias: builder.weight(`${name}.bias`, [outputs], { kind: "constant", value: 0 }),
      };
    },
    layerNorm(x, name, width, epsilon) {
      const scale = builder.weight(`${name}.weight`, [width], { kind: "constant", value: 1 });
      const shift = builder.weight(`${name}.bias`, [width], { kind: "constant", value: 0 });
      return builder.node("LayerNormalization", `${name}.normal`, [x, scale, shift], {
        epsilon: float(epsilon),
      });
    },
    dropout(x, ratio) {
      if (ratio === 0) return x;
      const tensor: OnnxTensor = { type: "float32", shape: [], data: Float32Array.of(ratio) };
      return builder.node("Dropout", `${x}.dropout`, [
        x,
        builder.constant("dropout.ratio", tensor),
      ]);
    },
    finish(name, output) {
      if (problems.length > 0) throw badWeights(problems);
      const graph = { name, nodes, initializers, inputs, outputs: [output] };
      return { irVersion: IR_VERSION, opsets: { "": OPSET }, metadata: {}, graph };
    },
  };
  return builder;
}

function drawn(random: RandomNumbers, length: number, start: Start): Float32Array<ArrayBuffer> {
  if (start.kind === "constant") return new Float32Array(length).fill(start.value);
  if (start.kind === "even") {
    return Float32Array.from({ length }, () => (2 * random() - 1) * start.limit);
  }
  return Float32Array.from({ length }, () => start.deviation * normal(random));
}

/** Box and Muller 1958. */
function normal(random: RandomNumbers): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function badWeights(problems: readonly string[]): ExplainedError {
  return new ExplainedError("engine/bad-weights", {
    what: "Cannot build the model from the weights file",
    why: listProblems(problems),
    fix: "Give the weights that belong to the model's config.json",
  });
}
