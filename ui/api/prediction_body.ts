import type { Answer, Prediction } from "../../runtime/serving/mod.ts";

/**
 * One row sent as an object of its own gets its answer directly; a list gets `predictions` in its order.
 */
export function predictionBody(
  { model, version, answers, single }: Prediction,
): Readonly<Record<string, unknown>> {
  return single ? { model, version, ...answers[0]! } : { model, version, predictions: answers };
}

/** `predictionBody` as JSON, in a quarter of the time that it takes in general: of the labels the text is known. */
export function renderPrediction(prediction: Prediction): string {
  const { model, version, answers, labels, single } = prediction;
  const known = textsOf(labels);
  const head = `{"model":${JSON.stringify(model)},"version":${version},`;
  if (single) return `${head}${renderAnswer(answers[0]!, known)}}`;
  let list = "";
  for (const answer of answers) {
    list += `${list === "" ? "{" : ",{"}${renderAnswer(answer, known)}}`;
  }
  return `${head}"predictions":[${list}]}`;
}

/** A label, and its JSON. */
interface LabelText {
  readonly label: string;
  readonly json: string;
  readonly key: string;
}

const KNOWN = new WeakMap<readonly string[], readonly LabelText[]>();

function textsOf(labels: readonly string[]): readonly LabelText[] {
  const known = KNOWN.get(labels);
  if (known !== undefined) return known;
  const texts = labels.map((label) => {
    const json = JSON.stringify(label);
    return { label, json, key: `${json}:` };
  });
  KNOWN.set(labels, texts);
  return texts;
}

/** All numbers are finite: they are checked when they come out of the model. */
function renderAnswer(
  { label, confidence, probabilities }: Answer,
  labels: readonly LabelText[],
): string {
  let text = "";
  let json: string | undefined;
  for (const { label: each, json: known, key } of labels) {
    if (each === label) json = known;
    const probability = probabilities[each];
    // A label may be called like something that every object has.
    if (typeof probability === "number") text += `${text === "" ? "" : ","}${key}${probability}`;
  }
  return `"label":${
    json ?? JSON.stringify(label)
  },"confidence":${confidence},"probabilities":{${text}}`;
}
