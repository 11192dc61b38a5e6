import { createEmit, type Emit } from "../emit.ts";
import type { Operators } from "../operator.ts";
import { composites } from "./composites.ts";
import { convolutions } from "./convolution.ts";
import { cumulative } from "./cumulative.ts";
import { elementwise } from "./elementwise.ts";
import { gathering } from "./gathering.ts";
import { joining } from "./joining.ts";
import { linearAlgebra } from "./linear_algebra.ts";
import { movement } from "./movement.ts";
import { normalization } from "./normalization.ts";
import { poolingOperators } from "./pooling.ts";
import { reductionOperators } from "./reduction.ts";
import { shapeArithmetic } from "./shape_arithmetic.ts";
import { softmaxOperators } from "./softmax.ts";

/** Every operator that the engine knows, by its ONNX name. To add one, add a row in its family. */
export const operators: Operators = {
  ...elementwise,
  ...linearAlgebra,
  ...reductionOperators,
  ...movement,
  ...cumulative,
  ...joining,
  ...gathering,
  ...shapeArithmetic,
  ...softmaxOperators,
  ...normalization,
  ...convolutions,
  ...poolingOperators,
};

/** Makes graph nodes of these operators. */
export const emit: Emit = createEmit(operators, composites);
