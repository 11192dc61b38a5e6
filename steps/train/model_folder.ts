import {
  type Attribution,
  type DatasetHandle,
  type FileContent,
  type FittedPreprocessing,
  type JsonObject,
  MODEL_FILES,
  type ModelSignature,
  type OnnxFiles,
} from "../../pipeline/mod.ts";
import { mlflowFiles } from "./mlmodel.ts";
import { renderModelCard } from "./model_card.ts";
import { signatureOf } from "./signature.ts";
import type { ValidationScores } from "./validation_scores.ts";

/** What a model folder is made of. */
export interface ModelFacts {
  readonly files: OnnxFiles;
  /** What it is and how it was trained, for the card. */
  readonly description: string;
  readonly scores: ValidationScores;
  readonly tensors: ModelSignature["tensors"];
  readonly preprocessing: FittedPreprocessing;
  readonly training: DatasetHandle;
  readonly validation: DatasetHandle;
  /** Places of the validation rows that become the input example. @default the first ones */
  readonly exampleRows?: readonly number[] | undefined;
  readonly form?: ModelSignature["form"] | undefined;
  /** Where the data comes from. @default what the training split says */
  readonly attribution?: Attribution | undefined;
}

/**
 * The files of a model folder: it loads without the pipeline that made it. They hold no time, host or run, so
 * that equal facts give equal bytes.
 */
export async function modelFiles(
  { files, description, scores, tensors, preprocessing, training, validation, ...more }: ModelFacts,
): Promise<Readonly<Record<string, FileContent>>> {
  const signature = signatureOf({
    schema: training.schema,
    preprocessing,
    tensors,
    form: more.form,
  });
  const card = renderModelCard({
    signature,
    label: preprocessing.label.column,
    description,
    scores,
    trainingRows: training.schema.rowCount,
    validationRows: validation.schema.rowCount,
    attribution: more.attribution ?? training.schema.attribution,
  });
  return {
    [MODEL_FILES.model]: files.onnx,
    ...files.externalData,
    [MODEL_FILES.signature]: renderJson(signature),
    [MODEL_FILES.preprocessing]: renderJson(preprocessing),
    [MODEL_FILES.inputExample]: renderJson(
      await inputExample(validation, signature, more.exampleRows),
    ),
    [MODEL_FILES.card]: card,
    ...mlflowFiles(signature),
  };
}

/** Rows of an input example. */
export const EXAMPLE_ROWS = 3;

/** Some rows of a dataset, in the order of their places, with the columns that the model reads. */
async function inputExample(
  dataset: DatasetHandle,
  { inputs }: ModelSignature,
  places: readonly number[] = Array.from({ length: EXAMPLE_ROWS }, (_, place) => place),
): Promise<readonly JsonObject[]> {
  const last = Math.max(...places);
  const examples: JsonObject[] = [];
  let place = 0;
  for await (const row of dataset.rows()) {
    const slot = places.indexOf(place);
    if (slot !== -1) {
      examples[slot] = Object.fromEntries(inputs.map(({ name }) => [name, row[name] ?? null]));
    }
    if (place++ === last) break;
  }
  return examples;
}

function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
