import { type Attribution, MODEL_FILES, type ModelSignature } from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import type { ValidationScores } from "./validation_scores.ts";

/** What a model card tells. */
export interface CardFacts {
  readonly signature: ModelSignature;
  /** Column that is predicted. */
  readonly label: string;
  /** What the model is and how it was trained. */
  readonly description: string;
  readonly scores: ValidationScores;
  readonly trainingRows: number;
  readonly validationRows: number;
  readonly attribution: Attribution | undefined;
}

/** The README.md of a model folder: what the model is, what it was trained on, how good it is, how to load it. */
export function renderModelCard(facts: CardFacts): string {
  return [
    `# Classifier of \`${facts.label}\``,
    `Tells ${facts.signature.labels.length} labels apart: ${
      facts.signature.labels.map((name) => `\`${name}\``).join(", ")
    }.`,
    "## Data",
    dataLines(facts),
    "## Model",
    facts.description,
    "## Inputs",
    inputTable(facts.signature),
    "## Metrics on the validation split",
    metricTable(facts.scores),
    "## How to load it",
    loadLines(facts.signature),
    "",
  ].join("\n\n").trimEnd() + "\n";
}

function dataLines({ attribution, trainingRows, validationRows }: CardFacts): string {
  const rows = `${grouped(trainingRows)} rows for training, ${
    grouped(validationRows)
  } for validation.`;
  if (attribution === undefined) return `Its origin was not given. ${rows}`;
  const { title, license, url } = attribution;
  const source = url === undefined ? title : `[${title}](${url})`;
  return `${source}, license: ${license}. ${rows}`;
}

function inputTable({ inputs }: ModelSignature): string {
  const rows = inputs.map(({ name, type, nullable, range, categories }) => {
    const seen = range === undefined ? (categories ?? []).join(", ") : `${range[0]} to ${range[1]}`;
    return `| ${cellText(name)} | ${type} | ${nullable ? "yes" : "no"} | ${cellText(seen)} |`;
  });
  return ["| column | type | may be missing | seen in training |", "|---|---|---|---|", ...rows]
    .join("\n");
}

function metricTable(scores: ValidationScores): string {
  return [
    "| metric | value |",
    "|---|---|",
    `| accuracy | ${scores.validation_accuracy.toFixed(4)} |`,
    `| log loss | ${scores.validation_loss.toFixed(4)} |`,
  ].join("\n");
}

function loadLines({ tensors }: ModelSignature): string {
  const given = tensors.inputs.map(({ name, type, shape: [, width] }) =>
    `\`${name}\` (${type}, batch × ${width ?? "length"})`
  );
  const names = tensors.inputs.map(({ name }) => `\`${name}\``).join(" and ");
  return [
    `\`${MODEL_FILES.model}\` runs in any ONNX runtime: ${given.join(" and ")} in, \`logits\` and`,
    `\`probabilities\` out, one for each label in the order above. \`${MODEL_FILES.preprocessing}\` says how the columns`,
    `become ${names}, \`${MODEL_FILES.inputExample}\` holds rows to try, and \`${MODEL_FILES.signature}\` all names and types.`,
    "",
    "```sh",
    "deno task pipeline predict MODEL column=value …",
    "```",
  ].join("\n");
}

/** Text that cannot break out of a table's cell. */
function cellText(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 199)}…` : text;
  return short.replace(/[|\\]/g, "\\$&").replace(/\s+/g, " ");
}
