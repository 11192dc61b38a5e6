import { setImmediate } from "node:timers/promises";
import type { VocabularyOptions } from "../../pipeline/mod.ts";
import { openPairQueue } from "./pair_queue.ts";
import { splitWords } from "./split_words.ts";
import { CONTINUED } from "./word_piece.ts";

/** Longer words are mostly laughter and addresses. */
const LONGEST_WORD = 32;

/** Words that occur less often teach nothing. */
const LEAST_COUNT = 2;

/** A pair that occurs less often is not worth a token. */
const LEAST_PAIR = 2;

/**
 * Learns a WordPiece vocabulary: beginning with the frequent characters, it joins again and again the two neighbours that
 * stand side by side most often (byte-pair encoding, as Hugging Face's trainer of WordPiece does).
 *
 * @see Sennrich, Haddow & Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016, algorithm 1.
 */
export async function learnWordPiece(
  texts: AsyncIterable<string>,
  options: VocabularyOptions,
): Promise<readonly string[]> {
  const counts = await countWords(texts, options);
  const tokens = [...options.special];
  const ids = new Map<string, number>();
  const idOf = (token: string): number => {
    const known = ids.get(token);
    if (known !== undefined) return known;
    ids.set(token, tokens.length);
    return tokens.push(token) - 1;
  };
  const words = lettersOf(counts, { ...options, idOf });
  const pairs = openPairs(words);
  let turn = 0;
  while (tokens.length < options.size) {
    const best = pairs.take();
    if (best === undefined) break;
    const [left, right] = best;
    pairs.join(left, right, idOf(tokens[left]! + withoutMark(tokens[right]!)));
    if (++turn % 64 === 0) await setImmediate();
  }
  return tokens.slice(0, options.size);
}

function withoutMark(token: string): string {
  return token.startsWith(CONTINUED) ? token.slice(CONTINUED.length) : token;
}

async function countWords(
  texts: AsyncIterable<string>,
  options: VocabularyOptions,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const text of texts) {
    for (const word of splitWords(text, options)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** A word as the tokens it is made of so far, and how often it occurs. */
interface LearnedWord {
  tokens: number[];
  readonly count: number;
}

/** The words as characters; those with a character outside of the alphabet are left out. */
function lettersOf(
  counts: ReadonlyMap<string, number>,
  { alphabet, idOf }: VocabularyOptions & { idOf(token: string): number },
): readonly LearnedWord[] {
  const frequency = new Map<string, number>();
  for (const [word, count] of counts) {
    for (const letter of word) frequency.set(letter, (frequency.get(letter) ?? 0) + count);
  }
  const letters = [...frequency].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, alphabet).map(([letter]) => letter);
  for (const letter of letters) idOf(letter);
  for (const letter of letters) idOf(CONTINUED + letter);
  const known = new Set(letters);
  return [...counts].flatMap(([word, count]): LearnedWord[] => {
    const parts = [...word];
    const isUsed = count >= LEAST_COUNT && parts.length > 1 && parts.length <= LONGEST_WORD &&
      parts.every((letter) => known.has(letter));
    if (!isUsed) return [];
    return [{
      count,
      tokens: parts.map((letter, i) => idOf(i === 0 ? letter : CONTINUED + letter)),
    }];
  });
}

/** Neighbours, and the words in which they stand. */
interface Pairs {
  /** The most frequent pair; of equals the one whose tokens were there first. `undefined`: none is worth a token. */
  take(): readonly [number, number] | undefined;
  join(left: number, right: number, joined: number): void;
}

/** Ids are below this. */
const IDS = 1 << 24;

function openPairs(words: readonly LearnedWord[]): Pairs {
  const counts = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  const queue = openPairQueue();
  const addAll = (word: number, sign: 1 | -1, changed: Set<number>): void => {
    const { tokens, count } = words[word]!;
    for (let i = 1; i < tokens.length; i++) {
      const pair = tokens[i - 1]! * IDS + tokens[i]!;
      counts.set(pair, (counts.get(pair) ?? 0) + sign * count);
      changed.add(pair);
      if (sign < 0) continue;
      const held = places.get(pair);
      if (held === undefined) places.set(pair, new Set([word]));
      else held.add(word);
    }
  };
  const queueAll = (changed: Iterable<number>): void => {
    for (const pair of changed) {
      const count = counts.get(pair)!;
      if (count >= LEAST_PAIR) queue.add({ pair, count });
    }
  };
  const all = new Set<number>();
  words.forEach((_, word) => addAll(word, 1, all));
  queueAll(all);
  return {
    take() {
      for (;;) {
        const first = queue.take();
        if (first === undefined) return undefined;
        // A pair is queued anew whenever its count changes: an old count is passed over.
        if (counts.get(first.pair) !== first.count) continue;
        return [Math.floor(first.pair / IDS), first.pair % IDS];
      }
    },
    join(left, right, joined) {
      const pair = left * IDS + right;
      const changed = new Set<number>();
      for (const word of places.get(pair) ?? []) {
        addAll(word, -1, changed);
        words[word]!.tokens = joinTokens(words[word]!.tokens, { left, right, joined });
        addAll(word, 1, changed);
      }
      counts.delete(pair);
      places.delete(pair);
      changed.delete(pair);
      queueAll(changed);
    },
  };
}

function joinTokens(
  tokens: readonly number[],
  { left, right, joined }: { left: number; right: number; joined: number },
): number[] {
  const result: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const isPair = tokens[i] === left && tokens[i + 1] === right;
    result.push(isPair ? joined : tokens[i]!);
    if (isPair) i++;
  }
  return result;
}
