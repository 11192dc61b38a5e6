import type { InferenceSession } from "../../pipeline/mod.ts";
import { likeliest } from "../evaluate/predictions.ts";
import { type Examples, takeBatch } from "./examples.ts";

/** Rows that are looked at: enough to find plain ones, and one batch however large the split is. */
const LOOKED_AT = 1024;

/**
 * Places of the rows that show a model at its best: those it gets right and is surest of, every class once
 * before one comes twice. Rows that it gets wrong come last, so that there are always some.
 *
 * @param session A model with an output `logits`.
 * @returns At most `count` places, the surest first.
 */
export async function surestRows(
  session: Pick<InferenceSession, "run">,
  examples: Examples,
  count: number,
): Promise<readonly number[]> {
  const places = Uint32Array.from({ length: Math.min(examples.count, LOOKED_AT) }, (_, i) => i);
  const { inputs, targets } = takeBatch(examples, places);
  const { shape, data } = (await session.run(inputs)).logits!;
  const classes = shape[1]!;
  const logits = data as Float32Array;
  const shares = [...places].map((place) => {
    const label = likeliest(logits, place * classes, classes);
    const isRight = label === targets.data[place];
    return { place, label, share: isRight ? probability(logits, place * classes, classes) : -1 };
  }).sort((a, b) => b.share - a.share || a.place - b.place);
  const seen = new Map<number, number>();
  const turns = shares.map(({ place, label, share }) => {
    const turn = seen.get(label) ?? 0;
    seen.set(label, turn + 1);
    return { place, turn: share < 0 ? Infinity : turn };
  });
  // Sorting is stable: within a turn the surest stays in front.
  return turns.sort((a, b) => a.turn === b.turn ? 0 : a.turn - b.turn)
    .slice(0, count).map(({ place }) => place);
}

/** Probability of the likeliest class. */
function probability(logits: Float32Array, at: number, classes: number): number {
  const own = logits.subarray(at, at + classes);
  const top = Math.max(...own);
  return 1 / own.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
}
