import { type Input, numberAttribute, type Result, topologicalOrder, type Value } from "./graph.ts";
import { graphToModel } from "./graph_to_model.ts";
import { toHalfPrecision } from "./half_precision.ts";
import { type HostPart, takeHostPart } from "./host_part.ts";
import type { OnnxModel } from "./onnx/onnx_model.ts";
import { emit, operators } from "./operators/mod.ts";
import { type Rewrite, rewriteGraph } from "./rewrite_graph.ts";
import type { TracedModel } from "./trace_model.ts";

/** What a device wants of a graph. */
export interface DeviceGraphOptions {
  /** Names of frozen weights that the graph is given, instead of holding them. */
  readonly frozen: readonly string[];
  /** Replaces operators that the device lacks. */
  readonly lower?: Rewrite;
  /** Whether the host computes what depends on whole numbers of the batch only. */
  readonly lacksIntegers: boolean;
  /** Whether it is computed in half precision, where that does no harm; the loss is scaled then. */
  readonly half: boolean;
}

/** A graph as a device runs it. */
export interface DeviceGraph {
  /** Inputs: the model's own, what the host or another graph computes, and each weight that it is given by its name. */
  readonly model: OnnxModel;
  /** The frozen weights that it reads. */
  readonly frozen: readonly string[];
  /** Inputs of the model that was traced, by name; {@link host} computes from them. */
  readonly inputs: ReadonlyMap<string, Input>;
  /** Inputs that are indices into a table: whoever feeds them checks them, as GPUs do not. */
  readonly lookups: readonly Lookup[];
  /** What the host computes from a batch before the graph runs, by the input that takes it. */
  readonly host: HostPart["computed"];
}

/** An input whose elements are rows of a table. */
export interface Lookup {
  readonly input: string;
  /** Rows of the table. */
  readonly rows: number;
}

/** Writes out what the device lacks, leaves to the host what is the host's, and lists what is read. */
export function deviceGraph(
  { inputs, weights }: TracedModel,
  { lacksIntegers, lower, half, frozen: given }: DeviceGraphOptions,
  named: { values: ReadonlyMap<string, Value>; inputs: readonly Input[] },
): DeviceGraph {
  const whole = [...named.values.values()];
  const { values, computed } = lacksIntegers
    ? takeHostPart(operators, emit, whole)
    : { values: whole, computed: new Map<Input, Result>() };
  const rewritten = lower === undefined ? values : rewriteGraph(emit, values, lower);
  const lowered = half ? toHalfPrecision(emit, rewritten) : rewritten;
  const read = new Set(topologicalOrder(lowered).flatMap((node) => node.inputs));
  const frozen = given.map((name) => weights.get(name)!).filter((weight) => read.has(weight));
  return {
    model: graphToModel({
      inputs: [
        ...inputs.values().filter((input) => read.has(input)),
        ...computed.keys(),
        ...named.inputs,
        ...frozen,
      ],
      outputs: Object.fromEntries([...named.values.keys()].map((name, i) => [name, lowered[i]!])),
    }),
    frozen: frozen.map(({ name }) => name),
    inputs,
    lookups: lookupsOf(whole),
    host: computed,
  };
}

function lookupsOf(values: readonly Value[]): Lookup[] {
  return topologicalOrder(values).flatMap(({ op, inputs: [table, indices], attributes }) =>
    op === "Gather" && indices?.kind === "input"
      ? [{ input: indices.name, rows: table!.shape.at(numberAttribute(attributes, "axis", 0))! }]
      : []
  );
}
