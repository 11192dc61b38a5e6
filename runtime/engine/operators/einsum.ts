import type { Emit } from "../emit.ts";
import { stringAttribute, type Value } from "../graph.ts";
import type { OperatorCall } from "../operator.ts";
import { elementCount } from "../shape.ts";

/** A value whose axes have names. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

/**
 * Einsum written as transpositions, sums and one matrix product after another, so that its gradient needs no rule of its own.
 *
 * @throws {TypeError} For an axis that repeats within one operand (a diagonal) or an ellipsis.
 */
export function expandEinsum(g: Emit, { inputs, attributes }: OperatorCall): readonly Value[] {
  const equation = stringAttribute(attributes, "equation", "").replaceAll(" ", "");
  const [left, right] = equation.split("->") as [string, string | undefined];
  const terms = left.split(",");
  if (equation.includes(".") || terms.some((term) => new Set(term).size !== term.length)) {
    throw new TypeError(`the equation "${equation}" has an ellipsis or a diagonal`);
  }
  if (terms.length !== inputs.length) {
    throw new TypeError(`"${equation}" has ${terms.length} operands, not ${inputs.length}`);
  }
  const output = [...right ?? implicitOutput(left)];
  let operands: Labelled[] = terms.map((term, i) => ({ value: inputs[i]!, labels: [...term] }));
  while (operands.length > 1) {
    const [a, b, ...rest] = operands as [Labelled, Labelled, ...Labelled[]];
    const wanted = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
    operands = [multiply(g, a, b, wanted), ...rest];
  }
  const summed = sumAway(g, operands[0]!, new Set(output));
  return [g.transpose(summed.value, output.map((label) => summed.labels.indexOf(label)))];
}

/** Labels that occur once, in alphabetical order. */
function implicitOutput(left: string): string {
  const labels = [...left.replaceAll(",", "")];
  return labels.filter((label) => labels.indexOf(label) === labels.lastIndexOf(label)).sort().join(
    "",
  );
}

/** Sums over the axes that nobody wants. */
function sumAway(g: Emit, { value, labels }: Labelled, wanted: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => wanted.has(label) ? [] : [axis]);
  return { value: g.sum(value, axes, false), labels: labels.filter((label) => wanted.has(label)) };
}

/** One batched matrix product: `[both and wanted, only a, both and not wanted] x [.., both and not wanted, only b]`. */
function multiply(
  g: Emit,
  first: Labelled,
  second: Labelled,
  wanted: ReadonlySet<string>,
): Labelled {
  const a = sumAway(g, first, new Set([...wanted, ...second.labels]));
  const b = sumAway(g, second, new Set([...wanted, ...first.labels]));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => wanted.has(label));
  const inner = shared.filter((label) => !wanted.has(label));
  const onlyA = a.labels.filter((label) => !shared.includes(label));
  const onlyB = b.labels.filter((label) => !shared.includes(label));
  const left = grouped(g, a, [batch, onlyA, inner]);
  const right = grouped(g, b, [batch, inner, onlyB]);
  const product = g.apply("MatMul", [left, right]);
  const labels = [...batch, ...onlyA, ...onlyB];
  const lengths = labels.map((label) => lengthOf(a, label) ?? lengthOf(b, label)!);
  return { value: g.reshape(product, lengths), labels };
}

function lengthOf({ value, labels }: Labelled, label: string): number | undefined {
  return value.shape[labels.indexOf(label)];
}

/** Brings axes into groups, and each group into one axis. */
function grouped(g: Emit, operand: Labelled, groups: readonly (readonly string[])[]): Value {
  const order = groups.flat().map((label) => operand.labels.indexOf(label));
  const lengths = groups.map((group) =>
    elementCount(group.map((label) => lengthOf(operand, label)!))
  );
  return g.reshape(g.transpose(operand.value, order), lengths);
}
