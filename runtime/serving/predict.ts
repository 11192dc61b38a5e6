import { ExplainedError, type Tensor } from "../../pipeline/mod.ts";

/** What a classifier says of one row. */
export interface Answer {
  /** The most probable class. */
  readonly label: string;
  /** Its probability, 0 to 1. */
  readonly confidence: number;
  /** Probability of every class, in the order of the model's labels. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** Name of the model's output that holds the probabilities. */
export const PROBABILITIES = "probabilities";

/**
 * The answers for a batch, one a row.
 *
 * @param outputs The model's outputs; `probabilities` is float32 `[rows, labels]`.
 * @throws {ExplainedError} `serving/bad-output` when the model does not give finite probabilities of that shape.
 */
export function answersOf(
  labels: readonly string[],
  outputs: Readonly<Record<string, Tensor>>,
): Answer[] {
  const probabilities = outputs[PROBABILITIES];
  if (probabilities === undefined) {
    throw badOutput(`it has no output "${PROBABILITIES}", only ${Object.keys(outputs).join(", ")}`);
  }
  const { shape, data, type } = probabilities;
  if (type !== "float32" || shape.length !== 2 || shape[1] !== labels.length) {
    throw badOutput(
      `"${PROBABILITIES}" is ${type} [${
        shape.join(", ")
      }], and must be float32 [rows, ${labels.length}]`,
    );
  }
  const answers = new Array<Answer>(shape[0]!);
  for (let row = 0; row < answers.length; row++) {
    answers[row] = answerOf(labels, data, row, row * labels.length);
  }
  return answers;
}

/**
 * The answer for one row.
 *
 * @param data Holds the row's probabilities from `start` on.
 * @param row Its place, for messages.
 * @throws {ExplainedError} `serving/bad-output` when one of them is not finite.
 */
export function answerOf(
  labels: readonly string[],
  data: Float32Array,
  row: number,
  start = 0,
): Answer {
  const probabilities: Record<string, number> = {};
  let best = 0;
  for (let index = 0; index < labels.length; index++) {
    const value = data[start + index]!;
    if (!Number.isFinite(value)) {
      throw badOutput(`row ${row + 1} of "${PROBABILITIES}" holds ${value}`);
    }
    if (value > data[start + best]!) best = index;
    probabilities[labels[index]!] = rounded(value);
  }
  return { label: labels[best]!, confidence: rounded(data[start + best]!), probabilities };
}

const POWERS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/**
 * The seven digits that a float32 has. A division by a power of ten gives the nearest number to the decimal one,
 * in a tenth of the time that a way over text takes.
 */
function rounded(value: number): number {
  if (!(value >= 1e-15 && value < 10)) return value <= 0 ? value : Number(value.toPrecision(7));
  let place = 0;
  while (value * POWERS[place]! < 1) place++;
  const scale = POWERS[place + 6]!;
  return Math.round(value * scale) / scale;
}

function badOutput(why: string): ExplainedError {
  return new ExplainedError("serving/bad-output", {
    what: "Cannot read the model's answer",
    why,
    fix: "Train the model again, or move the alias back with `deno task pipeline models rollback`",
  });
}
