import type { TokenizedTexts, WordPieceTokenizer } from "../../pipeline/mod.ts";
import { splitWords } from "./split_words.ts";

/** A tokenizer that is ready for many texts. */
export interface WordPiece {
  /** @param maxLength Tokens of a text that are kept, begin and end counted. */
  tokenize(texts: readonly string[], maxLength: number): TokenizedTexts;
}

/** What stands before a token that goes on a word. */
export const CONTINUED = "##";

/** Characters of the longest word that is looked up; a longer one is unknown. */
const LONGEST_WORD = 100;

/** Words whose tokens are kept; most words of a text occurred before. */
const KNOWN_WORDS = 1 << 17;

/**
 * Opens a WordPiece tokenizer: of a word the longest token that begins it, then the longest that goes on, and so on.
 *
 * @see google-research/bert, tokenization.py, `WordpieceTokenizer`.
 */
export function openWordPiece(tokenizer: WordPieceTokenizer): WordPiece {
  const { special } = tokenizer;
  const pieces = piecesOf(tokenizer);
  const [begin, end, unknown] = [special.begin, special.end, special.unknown]
    .map((token) => tokenizer.vocabulary.lastIndexOf(token)) as [number, number, number];
  const known = new Map<string, readonly number[]>();
  const idsOf = (word: string): readonly number[] => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const ids = cutWord(word, pieces) ?? [unknown];
    if (known.size >= KNOWN_WORDS) known.clear();
    if (word.length <= LONGEST_WORD) known.set(word, ids);
    return ids;
  };
  return {
    tokenize(texts, maxLength) {
      const ids: number[] = [];
      const ends = new Int32Array(texts.length);
      let unknowns = 0;
      let truncated = 0;
      texts.forEach((text, row) => {
        const last = ids.length + maxLength - 1; // where the end may stand at most
        ids.push(begin);
        // Every word has a token, and no token is of more than one: more characters cannot count.
        for (const word of splitWords(text, tokenizer)) {
          const more = idsOf(word);
          if (more.length === 1 && more[0] === unknown) unknowns++;
          for (const id of more) ids.push(id);
          if (ids.length > last) break;
        }
        if (ids.length > last) {
          truncated++;
          ids.length = last;
        }
        ends[row] = ids.push(end);
      });
      return { ids: Int32Array.from(ids), ends, unknown: unknowns, truncated };
    },
  };
}

/** Ids of the tokens; one that stands twice in the vocabulary has its last place, as in BERT. Ids of the tokens that begin a word, and of those that go on one. */
interface Pieces {
  readonly first: ReadonlyMap<string, number>;
  readonly later: ReadonlyMap<string, number>;
  /** UTF-16 units of the longest one. */
  readonly longest: number;
}

function piecesOf({ vocabulary }: WordPieceTokenizer): Pieces {
  const first = new Map<string, number>();
  const later = new Map<string, number>();
  let longest = 0;
  vocabulary.forEach((token, id) => {
    const isLater = token.startsWith(CONTINUED) && token.length > CONTINUED.length;
    const piece = isLater ? token.slice(CONTINUED.length) : token;
    (isLater ? later : first).set(piece, id);
    longest = Math.max(longest, piece.length);
  });
  // A word can be "##" itself.
  return { first, later, longest };
}

/** The ids of a word; `undefined` when no tokens make it up. */
function cutWord(word: string, { first, later, longest }: Pieces): readonly number[] | undefined {
  if (word.length > LONGEST_WORD && [...word].length > LONGEST_WORD) return undefined;
  const ids: number[] = [];
  for (let start = 0; start < word.length;) {
    const pieces = start === 0 ? first : later;
    let end = Math.min(word.length, start + longest);
    let id = pieces.get(word.slice(start, end));
    while (id === undefined && end > start + 1) id = pieces.get(word.slice(start, --end));
    if (id === undefined) return undefined;
    ids.push(id);
    start = end;
  }
  return ids;
}
