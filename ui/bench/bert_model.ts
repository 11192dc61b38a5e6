import { join } from "node:path";
import { type FittedPreprocessing, MODEL_FILES, type ModelSignature } from "../../pipeline/mod.ts";
import { openEngine } from "../../runtime/engine/mod.ts";

/** BERT-base as Devlin et al. (2018) have it: 110 million weights. */
const BERT_BASE = {
  kind: "encoder",
  family: "bert",
  layers: 12,
  hidden: 768,
  heads: 12,
  intermediate: 3072,
  vocabulary: 30_522,
  positions: 512,
} as const;

const SPECIAL = { unknown: "[UNK]", begin: "[CLS]", end: "[SEP]", padding: "[PAD]" } as const;
const LABELS = ["no", "yes"] as const;
const LONGEST = 128;

/** Writes the folder of a model version: a BERT-base of random weights that reads texts of `w0`, `w1`, … */
export async function writeBertFolder(folder: string): Promise<void> {
  await using engine = await openEngine("cpu", { threads: 1 });
  const model = await engine.build(BERT_BASE, { classes: LABELS.length, seed: 1 });
  // Nothing is trained: whoever opens training can also write down the model for inference.
  await using training = await engine.openTraining(model, {
    loss: { kind: "cross-entropy" },
    optimizer: { kind: "sgd", learningRate: 0 },
    unfrozenLayers: 0,
  });
  const files = {
    [MODEL_FILES.model]: await training.export(),
    [MODEL_FILES.signature]: jsonOf(signature()),
    [MODEL_FILES.preprocessing]: jsonOf(preprocessing()),
    [MODEL_FILES.inputExample]: jsonOf([{ text: "w1 w2 w3" }]),
  };
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.writeFile(join(folder, name), bytes);
  }
}

/** Texts of mixed length as reviews have them, many short and few long: 4 to some 60 tokens, half of them below 14. */
export function mixedTexts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => {
    const normal = Math.sin(12.9898 * (i + 1)) + Math.sin(78.233 * (i + 1));
    const words = Math.min(LONGEST - 2, Math.max(2, Math.round(Math.exp(2.4 + 0.9 * normal))));
    return Array.from({ length: words }, (_, at) => `w${(7919 * at + 104_729 * i) % 30_000}`)
      .join(" ");
  });
}

function signature(): ModelSignature {
  const tokens = (name: string) => ({ name, type: "int64", shape: [null, null] }) as const;
  const classes = (name: string) => ({ name, type: "float32", shape: [null, 2] }) as const;
  return {
    task: "classification",
    inputs: [{ name: "text", type: "string", nullable: false }],
    labels: LABELS,
    tensors: {
      inputs: [tokens("input_ids"), tokens("attention_mask")],
      outputs: [classes("logits"), classes("probabilities")],
    },
  };
}

function preprocessing(): FittedPreprocessing {
  const { vocabulary: size } = BERT_BASE;
  const special = [SPECIAL.padding, SPECIAL.unknown, SPECIAL.begin, SPECIAL.end];
  const words = Array.from({ length: size - special.length }, (_, i) => `w${i}`);
  return {
    version: 1,
    width: size,
    label: { column: "label", labels: LABELS },
    features: [{
      column: "text",
      as: "tokens",
      maxLength: LONGEST,
      tokenizer: {
        vocabulary: [...special, ...words],
        lowercase: false,
        stripAccents: false,
        cutChinese: false,
        special: SPECIAL,
      },
    }],
  };
}

function jsonOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
