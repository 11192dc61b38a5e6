import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type {
  Recurrence,
  RecurrentPart,
  RecurrentSizes,
  RecurrentWeights,
  StepContext,
} from "../../../pipeline/mod.ts";
import { openPace } from "../../pace.ts";
import { shuffledPlaces } from "../../train/batches.ts";
import { PLACED, type PlacedTexts } from "./placed_texts.ts";
import type { RecurrentParams } from "./recurrent_params.ts";

/** What is learned from. */
export interface RecurrentExamples {
  readonly texts: PlacedTexts;
  /** 1 where a text is of the class of a score, else 0: `[texts, scores]`. */
  readonly sides: Uint8Array;
  readonly scores: number;
  /** Ids of n-grams are below this. */
  readonly grams: number;
  /** How much each n-gram counts from the start: those that tell the classes apart more. */
  readonly scales: Float32Array;
}

/** Where training stands after an epoch. */
export interface RecurrentEpoch {
  readonly epoch: number;
  /** Mean over texts and scores. */
  readonly loss: number;
}

/** Texts whose gradients of the dense weights are averaged for one update. */
const BATCH = 16;
const DENSE_RATE = 0.002;
/** What the learning rates fall to. */
const LAST_RATE = 0.05;

/** Trains a recurrent part: the vectors by Adagrad with one rate a row, text by text; the other weights by Adam. */
export async function trainRecurrent(
  context: StepContext,
  examples: RecurrentExamples,
  { params, seed, onEpoch }: {
    readonly params: RecurrentParams;
    readonly seed: number;
    readonly onEpoch: (epoch: RecurrentEpoch) => void;
  },
): Promise<RecurrentPart> {
  const { texts, scores, grams } = examples;
  const sizes = { ...params, scores, grams, longest: longestOf(texts) };
  const random = openRandom(seed);
  const recurrence = context.engine.openRecurrence(sizes);
  drawWeights(recurrence, sizes, random);
  // N-grams that stay count more, so that the sums are as large as without leaving any out.
  recurrence.scales.set(examples.scales.map((scale) => scale / (1 - params.dropout)));
  recurrence.squares.fill(1e-3); // mean squared gradients, summed
  const trainer = openTrainer(recurrence, examples, { params, random });
  const pace = openPace(context);
  const total = params.epochs * texts.count;
  for (let epoch = 1; epoch <= params.epochs; epoch++) {
    let loss = 0;
    let done = (epoch - 1) * texts.count;
    for (const text of shuffledPlaces(texts.count, { seed, epoch })) {
      loss += trainer.learn(text, done++ / total);
      const rest = pace();
      if (rest === undefined) continue;
      context.progress({ done, total, unit: "texts", label: "recurrent part" });
      await rest;
    }
    onEpoch({ epoch, loss: loss / (texts.count * scores) });
  }
  return {
    ...copiedWeights(recurrence.weights),
    width: params.width,
    vectors: scaledVectors(recurrence.vectors, examples.scales, 2 * params.width),
    share: params.share,
  };
}

interface Trainer {
  /** Learns from one text. @param done Share of the training that is over. @returns Its loss, summed over scores. */
  learn(text: number, done: number): number;
}

function openTrainer(
  recurrence: Recurrence,
  { texts: { ids, starts }, sides, scores }: RecurrentExamples,
  { params, random }: { readonly params: RecurrentParams; readonly random: Random },
): Trainer {
  const { scores: scored, scoreGradients } = recurrence;
  let waiting = 0;
  return {
    learn(text, done) {
      const start = starts[text]!;
      const length = starts[text + 1]! - start;
      for (let at = 0; at < PLACED * length; at++) {
        const id = ids[PLACED * start + at]!;
        recurrence.ids[at] = id < 2 || random.drops(params.dropout) ? 0 : id;
      }
      recurrence.forward(length);
      let loss = 0;
      for (let score = 0; score < scores; score++) {
        const side = sides[text * scores + score]!;
        const probability = 1 / (1 + Math.exp(-scored[score]!));
        loss -= Math.log(Math.max(1e-12, side === 1 ? probability : 1 - probability));
        scoreGradients[score] = probability - side;
      }
      recurrence.backward(length);
      const fall = 1 - (1 - LAST_RATE) * done;
      recurrence.moveVectors(length, params.learning_rate * fall);
      if (++waiting === BATCH) {
        recurrence.moveWeights(BATCH, DENSE_RATE * fall);
        waiting = 0;
      }
      return loss;
    },
  };
}

function drawWeights(
  { weights, vectors }: Recurrence,
  { width, hidden }: RecurrentSizes,
  random: Random,
): void {
  const draw = (into: Float32Array, limit: number): void => {
    for (let i = 0; i < into.length; i++) into[i] = limit * random.signed();
  };
  weights.gateScale.fill(1);
  weights.gateShift.fill(1);
  draw(weights.hiddenWeights, 1 / Math.sqrt(weights.hiddenWeights.length / hidden));
  draw(weights.outputWeights, 1 / Math.sqrt(hidden));
  draw(weights.directWeights, 0.05);
  draw(vectors.subarray(2 * 2 * width), 0.1); // ids 0 and 1 are no n-grams
}

/** The weights on their own, apart from the memory of training. */
function copiedWeights(weights: RecurrentWeights): RecurrentWeights {
  const entries = Object.entries(weights).map(([name, numbers]) => [name, numbers.slice()]);
  return Object.fromEntries(entries) as RecurrentWeights;
}

/** The vectors as prediction adds them up: each with its scale; those of the ids that are no n-grams stay 0. */
function scaledVectors(
  vectors: Float32Array,
  scales: Float32Array,
  row: number,
): Float32Array<ArrayBuffer> {
  const scaled = new Float32Array(vectors.length);
  for (let id = 0; id < scales.length; id++) {
    const scale = scales[id]!;
    for (let at = id * row; at < (id + 1) * row; at++) scaled[at] = vectors[at]! * scale;
  }
  return scaled;
}

function longestOf({ starts, count }: PlacedTexts): number {
  let longest = 1;
  for (let i = 0; i < count; i++) longest = Math.max(longest, starts[i + 1]! - starts[i]!);
  return longest;
}

interface Random {
  /** Whether something falls out that does so with this share. */
  drops(share: number): boolean;
  /** -1 to 1. */
  signed(): number;
}

function openRandom(seed: number): Random {
  const random = xoroshiro128plus(seed);
  let half = -1; // the other half of the last number, if it was not used yet
  return {
    drops(share) {
      let number = half;
      if (half < 0) {
        const whole = random.next();
        number = whole & 0xffff;
        half = whole >>> 16;
      } else half = -1;
      return number < share * 0x10000;
    },
    signed: () => 2 * ((random.next() >>> 0) / 2 ** 32) - 1,
  };
}
