import { elementsOf, isFloating, numbersOf } from "./element_type.ts";
import type { DeviceTensor } from "./device/device.ts";
import type { Emit } from "./emit.ts";
import { evaluate } from "./evaluate.ts";
import {
  type GraphNode,
  type Input,
  input,
  type Result,
  topologicalOrder,
  type Value,
} from "./graph.ts";
import type { Operators } from "./operator.ts";
import { rewriteGraph } from "./rewrite_graph.ts";

/** A graph of which the arithmetic on whole numbers was taken out. */
export interface HostPart {
  /** The given values, over inputs that hold what the host computes. */
  readonly values: readonly Value[];
  /** What the host computes for each of these inputs. */
  readonly computed: ReadonlyMap<Input, Result>;
}

/**
 * Takes out everything that only depends on whole numbers of the batch: token ids, masks, positions. GPUs lack 64-bit integers,
 * and these tensors are small.
 */
export function takeHostPart(operators: Operators, g: Emit, values: readonly Value[]): HostPart {
  const host = hostNodes(operators, values);
  const inputs = new Map<Result, Input>();
  const rewritten = rewriteGraph(g, values, (_g, node) => {
    if (!host.has(node)) return undefined;
    return node.outputs.map((output) => {
      const stand = input(`hanok:host:${inputs.size}`, output.type, output.shape);
      inputs.set(output, stand);
      return stand;
    });
  });
  const read = new Set(topologicalOrder(rewritten).flatMap((node) => node.inputs));
  const used = inputs.entries().filter(([, stand]) => read.has(stand) || rewritten.includes(stand));
  return { values: rewritten, computed: new Map(used.map(([output, stand]) => [stand, output])) };
}

/** Nodes whose inputs are whole numbers of the batch or constants, and that take or give whole numbers. */
function hostNodes(operators: Operators, values: readonly Value[]): Set<GraphNode> {
  const host = new Set<GraphNode>();
  for (const node of topologicalOrder(values)) {
    const given = node.inputs.filter((value) => value !== undefined);
    const known = given.every((value) =>
      value.kind === "constant" ||
      (value.kind === "input" ? !isFloating(value.type) : host.has(value.node))
    );
    const whole = [...given, ...node.outputs].some(({ type }) => !isFloating(type));
    const depends = given.some(({ kind }) => kind !== "constant");
    if (known && whole && depends && operators[node.op]?.evaluate !== undefined) host.add(node);
  }
  return host;
}

/** Computes the host's part for one batch. @param batch Tensors of the graph's own inputs. */
export function computeHostPart(
  operators: Operators,
  computed: HostPart["computed"],
  batch: ReadonlyMap<Input, DeviceTensor>,
): Record<string, DeviceTensor> {
  if (computed.size === 0) return {};
  const given = new Map(
    batch.entries().map(([value, { data }]) => [value as Value, numbersOf(data)]),
  );
  const results = evaluate(operators, [...computed.values()], given);
  return Object.fromEntries(
    [...computed.keys()].map(({ name, type, shape }, i) => {
      const data = elementsOf(type, results[i]!);
      return [name, { type, shape, data } as DeviceTensor];
    }),
  );
}
