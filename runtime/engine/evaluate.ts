import { numbersOf } from "./element_type.ts";
import { topologicalOrder, type Value } from "./graph.ts";
import type { Numbers, Operators } from "./operator.ts";

/**
 * Computes values in double precision, without a device. Slow: it is what devices and gradients are tested against.
 *
 * @param given Numbers of the graph's inputs; they may also stand in for any other value.
 * @throws {TypeError} If an operator has no double-precision rule, or an input was not given.
 */
export function evaluate(
  operators: Operators,
  values: readonly Value[],
  given: ReadonlyMap<Value, ArrayLike<number>>,
): Float64Array[] {
  const known = new Map<Value, Numbers>();
  const numbers = (value: Value): Numbers => {
    const found = known.get(value);
    if (found !== undefined) return found;
    const data = given.get(value) ??
      (value.kind === "constant" ? numbersOf(value.data) : undefined);
    if (data === undefined) throw new TypeError(`no numbers for ${value.kind} [${value.shape}]`);
    const result = { shape: value.shape, data: Float64Array.from(data) };
    known.set(value, result);
    return result;
  };
  for (const node of topologicalOrder(values)) {
    const rule = operators[node.op]?.evaluate;
    if (rule === undefined) throw new TypeError(`${node.op} has no double-precision rule`);
    const inputs = node.inputs.map((value) => value && numbers(value));
    rule(inputs, node.attributes, node.outputs).forEach((data, index) => {
      const output = node.outputs[index]!;
      if (!given.has(output)) known.set(output, { shape: output.shape, data });
    });
  }
  return values.map((value) => numbers(value).data);
}
