import { ExplainedError, listProblems, type ModelSignature } from "../../pipeline/mod.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks the `signature.json` of a model version.
 *
 * @throws {ExplainedError} `serving/bad-signature` naming everything that is wrong.
 */
export function parseSignature(value: unknown): ModelSignature {
  const problems = isFields(value) ? problemsOf(value) : ["it is not an object"];
  if (problems.length === 0) return value as ModelSignature;
  throw new ExplainedError("serving/bad-signature", {
    what: "Cannot use the signature of the model",
    why: listProblems(problems),
    fix: "Register the model again: its signature.json is damaged, or made by a newer version",
  });
}

function problemsOf({ task, inputs, labels, tensors, form }: Fields): string[] {
  const problems: string[] = [];
  if (task !== "classification") {
    problems.push(`task is ${JSON.stringify(task)}, and only "classification" is known`);
  }
  if (!Array.isArray(inputs) || inputs.length === 0) {
    problems.push("inputs is not a list of inputs");
  } else problems.push(...inputs.flatMap(inputProblems), ...repeatedNames(inputs));
  if (!Array.isArray(labels) || labels.length === 0 || !labels.every(isText)) {
    problems.push("labels is not a list of texts");
  }
  if (!isFields(tensors) || !Array.isArray(tensors.inputs) || !Array.isArray(tensors.outputs)) {
    problems.push("tensors does not hold inputs and outputs");
  }
  if (form !== undefined && !isGrid(form, Array.isArray(inputs) ? inputs.length : 0)) {
    problems.push("form is not a grid of as many numbers as there are inputs");
  }
  return problems;
}

function inputProblems(input: unknown, place: number): string[] {
  const known = isFields(input) && isText(input.name) && input.name !== "" &&
    ["number", "integer", "string", "boolean"].includes(String(input.type)) &&
    typeof input.nullable === "boolean" &&
    (input.range === undefined || isRange(input.range)) &&
    (input.categories === undefined ||
      (Array.isArray(input.categories) && input.categories.every(isText)));
  return known ? [] : [`inputs.${place} is not of a known form`];
}

function repeatedNames(inputs: readonly Fields[]): string[] {
  const names = inputs.map((input) => input?.name);
  const repeated = names.filter((name, place) => isText(name) && names.indexOf(name) !== place);
  return [...new Set(repeated)].map((name) => `two inputs are called ${JSON.stringify(name)}`);
}

function isGrid(form: unknown, inputs: number): boolean {
  return isFields(form) && form.kind === "grid" && Number.isInteger(form.width) &&
    Number.isInteger(form.height) && Number(form.width) * Number(form.height) === inputs;
}

function isRange(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
