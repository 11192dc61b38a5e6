import { int, numberAttribute } from "../graph.ts";
import { constantNumbers, type Operator, type Operators, required } from "../operator.ts";
import { elementCount, resolveAxis } from "../shape.ts";

/** Each element is the sum of those up to it along an axis; without itself if `exclusive`, from the end if `reverse`. */
const cumSum: Operator = {
  infer: ({ inputs }) => {
    const { type, shape } = required(inputs, 0);
    resolveAxis(constantNumbers(required(inputs, 1), "the axis")![0]!, shape.length);
    return [{ type, shape }];
  },
  gradient: ({ g, inputs, dy, attributes }) => [ // an element counts in all sums behind it
    g.apply("CumSum", [dy, inputs[1]], {
      ...attributes,
      reverse: int(1 - numberAttribute(attributes, "reverse", 0)),
    }),
  ],
  evaluate: ([x, axes], attributes) => {
    const axis = resolveAxis(axes!.data[0]!, x!.shape.length);
    const length = x!.shape[axis]!;
    const inner = elementCount(x!.shape.slice(axis + 1));
    const reverse = numberAttribute(attributes, "reverse", 0) !== 0;
    const exclusive = numberAttribute(attributes, "exclusive", 0) !== 0;
    const result = new Float64Array(x!.data.length);
    for (let line = 0; line < x!.data.length / length; line++) {
      const start = Math.floor(line / inner) * length * inner + line % inner;
      let sum = 0;
      for (let i = 0; i < length; i++) {
        const at = start + (reverse ? length - 1 - i : i) * inner;
        const next = sum + x!.data[at]!;
        result[at] = exclusive ? sum : next;
        sum = next;
      }
    }
    return [result];
  },
};

/** Operators that add up along the way. */
export const cumulative: Operators = { CumSum: cumSum };
