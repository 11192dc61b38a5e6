import {
  type DatasetSchema,
  ExplainedError,
  type FittedPreprocessing,
  isTextFeature,
  type ModelSignature,
  type SignatureInput,
} from "../../pipeline/mod.ts";

/** What a model's raw inputs and its tensors are. */
export interface SignatureFacts {
  /** Schema of the training split. */
  readonly schema: DatasetSchema;
  readonly preprocessing: FittedPreprocessing;
  readonly tensors: ModelSignature["tensors"];
  readonly form: ModelSignature["form"];
}

/** The signature of a classifier: a raw input for every feature, in the order of the features. */
export function signatureOf(
  { schema, preprocessing, tensors, form }: SignatureFacts,
): ModelSignature {
  const inputs = preprocessing.features.map((feature): SignatureInput => {
    const type = schema.columns.find(({ name }) => name === feature.column)?.type;
    if (isTextFeature(feature)) return { name: feature.column, type: "string", nullable: false };
    const nullable = feature.fill !== null;
    return feature.as === "number"
      ? { name: feature.column, type: type ?? "number", nullable, range: feature.range }
      : {
        name: feature.column,
        type: type ?? feature.type,
        nullable,
        categories: feature.categories.filter((name) => name !== ""),
      };
  });
  return {
    task: "classification",
    inputs,
    labels: preprocessing.label.labels,
    tensors,
    ...form === undefined ? {} : { form },
  };
}

/**
 * Checks that a form shows every input of the model.
 *
 * @throws {ExplainedError} `train/bad-form` when it does not, or when an input is no number.
 */
export function checkForm(
  form: ModelSignature["form"],
  { features }: Pick<FittedPreprocessing, "features">,
): void {
  if (form === undefined) return;
  const { width, height } = form;
  const categories = features.filter((feature) => feature.as !== "number");
  if (width * height === features.length && categories.length === 0) return;
  throw new ExplainedError("train/bad-form", {
    what: `Cannot show the inputs as a grid of ${width} × ${height} numbers`,
    why: categories.length > 0
      ? `${categories.map(({ column }) => `"${column}"`).join(", ")} ${
        categories.length === 1 ? "is no number" : "are no numbers"
      }`
      : `the model takes ${features.length} inputs`,
    fix: "Correct the form of the train step, or leave it out",
  });
}
