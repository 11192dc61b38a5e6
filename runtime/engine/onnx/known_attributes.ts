const WINDOW = "auto_pad dilations kernel_shape pads strides";
const REDUCTION = "axes keepdims noop_with_empty_axes";

/** Attributes of ONNX's operators by the operators that have them, in any of the operator sets 11 to 21. */
const table: readonly (readonly [operators: string, attributes: string])[] = [
  ["Identity Neg Abs Sign Floor Ceil Round Reciprocal Sqrt Exp Log Sin Cos Erf Tanh Sigmoid", ""],
  [
    "Relu Softplus Not Add Sub Mul Div Pow Min Max Sum Mean PRelu Equal Greater Less And Or Xor",
    "",
  ],
  ["GreaterOrEqual LessOrEqual Clip Where MatMul Expand Tile Slice Size Range", ""],
  ["GlobalAveragePool GlobalMaxPool Mish Softsign HardSwish", ""],
  ["LeakyRelu Elu", "alpha"],
  ["HardSigmoid", "alpha beta"],
  ["Selu", "alpha gamma"],
  ["Gelu", "approximate"],
  ["Mod", "fmod"],
  ["Gemm", "alpha beta transA transB"],
  ["Einsum", "equation"],
  ["ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2", REDUCTION],
  ["ReduceSumSquare ReduceLogSumExp", REDUCTION],
  ["CumSum", "exclusive reverse"],
  ["Trilu", "upper"],
  ["OneHot", "axis"],
  ["ArgMax ArgMin", "axis keepdims select_last_index"],
  ["Reshape", "allowzero"],
  ["Flatten Concat Gather GatherElements Softmax LogSoftmax", "axis"],
  ["Squeeze Unsqueeze", "axes"],
  ["Transpose", "perm"],
  ["Cast", "saturate to"],
  ["Split", "axis num_outputs split"],
  ["Pad", "mode"],
  ["GatherND", "batch_dims"],
  ["ScatterND", "reduction"],
  ["Shape", "end start"],
  ["ConstantOfShape", "value"],
  ["LayerNormalization", "axis epsilon stash_type"],
  ["BatchNormalization", "epsilon momentum training_mode"],
  ["InstanceNormalization", "epsilon"],
  ["GroupNormalization", "epsilon num_groups stash_type"],
  ["Conv", `${WINDOW} group`],
  ["ConvTranspose", `${WINDOW} group output_padding output_shape`],
  ["MaxPool", `${WINDOW} ceil_mode storage_order`],
  ["AveragePool", `${WINDOW} ceil_mode count_include_pad`],
  ["Dropout", "ratio seed"],
  ["If", "else_branch then_branch"],
];

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

const known: ReadonlyMap<string, readonly string[]> = new Map(
  table.flatMap(([operators, attributes]) =>
    words(operators).map((operator) => [operator, words(attributes)] as const)
  ),
);

/** The attributes that an operator of ONNX can have, or `undefined` for an operator that is not listed. */
export function findKnownAttributes(operator: string): readonly string[] | undefined {
  return known.get(operator);
}
