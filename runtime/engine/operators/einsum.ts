import type { Emit } from "../emit.ts";
import { integers, stringAttribute, type Value } from "../graph.ts";
import { type OperatorCall, required } from "../operator.ts";
import { elementCount } from "../shape.ts";

/** A value whose axes have names. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

/**
 * Einsum written as transpositions, sums and one matrix product after another, so that its gradient needs no rule of its own.
 *
 * @throws {TypeError} For an equation that does not fit the operands.
 */
export function expandEinsum(g: Emit, { inputs, attributes }: OperatorCall): readonly Value[] {
  const equation = stringAttribute(attributes, "equation", "").replaceAll(" ", "");
  const [left, right] = equation.split("->") as [string, string | undefined];
  const terms = left.split(",");
  if (terms.length !== inputs.length) {
    throw new TypeError(`"${equation}" has ${terms.length} operands, not ${inputs.length}`);
  }
  const given = terms.map((term, i): Labelled => {
    const value = required(inputs, i);
    return { value, labels: labelsOf(term, value.shape.length) };
  });
  const output = right === undefined
    ? implicitOutput(given.map(({ labels }) => labels))
    : labelsOf(right, right.replace(DOTS, "").length + mostDots(given));
  const unknown = output.find((label) => !given.some(({ labels }) => labels.includes(label)));
  if (unknown !== undefined) throw new TypeError(`nothing in "${left}" is called "${unknown}"`);
  const stretched = withoutStretched(g, given.map((operand) => diagonals(g, operand)));
  let operands: Labelled[] = stretched;
  while (operands.length > 1) {
    const [a, b, ...rest] = operands as [Labelled, Labelled, ...Labelled[]];
    const wanted = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
    operands = [multiply(g, a, b, wanted), ...rest];
  }
  const summed = sumAway(g, operands[0]!, new Set(output));
  return [g.transpose(summed.value, output.map((label) => summed.labels.indexOf(label)))];
}

const DOTS = "...";

/** One label for each axis; the axes that dots stand for are counted from the last one: `.0` is that. */
function labelsOf(term: string, rank: number): string[] {
  const named = [...term.replace(DOTS, "")];
  const dots = rank - named.length;
  if (named.includes(".") || dots < 0 || (dots > 0 && !term.includes(DOTS))) {
    throw new TypeError(`"${term}" does not name ${rank} axes`);
  }
  const at = term.includes(DOTS) ? term.indexOf(DOTS) : named.length;
  return named.toSpliced(at, 0, ...Array.from({ length: dots }, (_, i) => `.${dots - 1 - i}`));
}

function isDots(label: string): boolean {
  return label.length > 1;
}

/** Axes that the dots of the output stand for. */
function mostDots(operands: readonly Labelled[]): number {
  return Math.max(...operands.map(({ labels }) => labels.filter(isDots).length));
}

/** What dots stand for, then labels that occur once, in alphabetical order. */
function implicitOutput(terms: readonly (readonly string[])[]): string[] {
  const labels = terms.flat();
  const once = labels.filter((label) => labels.indexOf(label) === labels.lastIndexOf(label));
  const dots = [...new Set(labels.filter(isDots))].sort().reverse();
  return [...dots, ...once.filter((label) => !isDots(label)).sort()];
}

/** Takes the diagonal of axes with the same label. */
function diagonals(g: Emit, operand: Labelled): Labelled {
  const { value, labels } = operand;
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  if (second === -1) return operand;
  const first = labels.indexOf(labels[second]!);
  const length = value.shape[first]!;
  if (value.shape[second] !== length) {
    throw new TypeError(`"${labels[second]}" is ${length} and ${value.shape[second]} long`);
  }
  const rest = [...labels.keys()].filter((axis) => axis !== first && axis !== second);
  const square = g.transpose(value, [...rest, first, second]);
  const shape = rest.map((axis) => value.shape[axis]!);
  const flat = g.reshape(square, [...shape, length * length]);
  const [start, end, axes, step] = [[0], [length * length], [rest.length], [length + 1]];
  const cut = [start, end, axes, step].map((numbers) => integers(numbers!));
  const picked = {
    value: g.apply("Slice", [flat, ...cut]),
    labels: rest.map((axis) => labels[axis]!),
  };
  return diagonals(g, { ...picked, labels: [...picked.labels, labels[first]!] });
}

/** Leaves out axes of length 1 that another operand stretches. */
function withoutStretched(g: Emit, operands: readonly Labelled[]): Labelled[] {
  const lengths = new Map<string, number>();
  for (const { value, labels } of operands) {
    labels.forEach((label, axis) =>
      lengths.set(label, Math.max(lengths.get(label) ?? 1, value.shape[axis]!))
    );
  }
  return operands.map(({ value, labels }) => {
    const kept = [...labels.keys()].filter((axis) =>
      !isDots(labels[axis]!) || value.shape[axis] === lengths.get(labels[axis]!)
    );
    return {
      value: g.reshape(value, kept.map((axis) => value.shape[axis]!)),
      labels: kept.map((axis) => labels[axis]!),
    };
  });
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
