import { numbersOf } from "../element_type.ts";
import { numberAttribute } from "../graph.ts";
import { constantNumbers, type Operators, required } from "../operator.ts";
import { elementCount } from "../shape.ts";

// Exporters compute shapes with these. Shapes are known here, so that all of it folds into constants.

/** Operators that make tensors out of shapes and numbers. */
export const shapeArithmetic: Operators = {
  Shape: {
    readsOnlyShapes: true,
    infer: ({ inputs, attributes }) => {
      const { shape } = required(inputs, 0);
      const part = shape.slice(
        numberAttribute(attributes, "start", 0),
        numberAttribute(attributes, "end", shape.length),
      );
      return [{ type: "int64", shape: [part.length] }];
    },
    evaluate: ([x], attributes) => [
      Float64Array.from(x!.shape.slice(
        numberAttribute(attributes, "start", 0),
        numberAttribute(attributes, "end", x!.shape.length),
      )),
    ],
  },
  Size: {
    readsOnlyShapes: true,
    infer: () => [{ type: "int64", shape: [] }],
    evaluate: ([x]) => [Float64Array.of(elementCount(x!.shape))],
  },
  ConstantOfShape: {
    infer: ({ inputs, attributes }) => {
      const shape = constantNumbers(required(inputs, 0), "the shape")!;
      const value = attributes.value;
      return [{ type: value?.kind === "tensor" ? value.value.type : "float32", shape }];
    },
    evaluate: (_inputs, attributes, [y]) => {
      const value = attributes.value;
      const number = value?.kind === "tensor" ? numbersOf(value.value.data)[0]! : 0;
      return [new Float64Array(elementCount(y!.shape)).fill(number)];
    },
  },
  Range: {
    infer: ({ inputs }) => {
      const [start, limit, step] = [0, 1, 2].map((i) =>
        constantNumbers(required(inputs, i), "the range")![0]!
      );
      const length = Math.max(0, Math.ceil((limit! - start!) / step!));
      return [{ type: required(inputs, 0).type, shape: [length] }];
    },
    evaluate: ([start, , step], _attributes, [y]) => [
      Float64Array.from({ length: y!.shape[0]! }, (_, i) => start!.data[0]! + i * step!.data[0]!),
    ],
  },
};
