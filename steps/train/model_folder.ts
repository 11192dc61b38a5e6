import {
  type Attribution,
  type DatasetHandle,
  type FileContent,
  type FittedPreprocessing,
  type JsonObject,
  MODEL_FILES,
  type ModelSignature,
} from "../../pipeline/mod.ts";
import { renderMlmodel } from "./mlmodel.ts";
import { renderModelCard } from "./model_card.ts";
import { signatureOf } from "./signature.ts";
import type { ValidationScores } from "./validation_scores.ts";

/** What a model folder is made of. */
export interface ModelFacts {
  readonly onnx: Uint8Array<ArrayBuffer>;
  /** What it is and how it was trained, for the card. */
  readonly description: string;
  readonly scores: ValidationScores;
  readonly tensors: ModelSignature["tensors"];
  readonly preprocessing: FittedPreprocessing;
  readonly training: DatasetHandle;
  readonly validation: DatasetHandle;
  readonly form?: ModelSignature["form"] | undefined;
  /** Where the data comes from. @default what the training split says */
  readonly attribution?: Attribution | undefined;
}

/**
 * The files of a model folder: it loads without the pipeline that made it. They hold no time, host or run, so
 * that equal facts give equal bytes.
 */
export async function modelFiles(
  { onnx, description, scores, tensors, preprocessing, training, validation, ...more }: ModelFacts,
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
    [MODEL_FILES.model]: onnx,
    [MODEL_FILES.signature]: renderJson(signature),
    [MODEL_FILES.preprocessing]: renderJson(preprocessing),
    [MODEL_FILES.inputExample]: renderJson(await inputExample(validation, signature)),
    [MODEL_FILES.card]: card,
    [MODEL_FILES.mlmodel]: renderMlmodel(signature),
  };
}

/** Rows of an input example. */
const EXAMPLES = 3;

/** The first rows of a dataset with the columns that the model reads. */
async function inputExample(
  dataset: DatasetHandle,
  { inputs }: ModelSignature,
): Promise<readonly JsonObject[]> {
  const examples: JsonObject[] = [];
  for await (const row of dataset.rows()) {
    examples.push(Object.fromEntries(inputs.map(({ name }) => [name, row[name] ?? null])));
    if (examples.length === EXAMPLES) break;
  }
  return examples;
}

function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
