const WORDS: Readonly<Record<string, readonly string[]>> = {
  "0": ["최악", "지루하다", "돈 아깝다", "시간 낭비 ㅡㅡ"],
  "1": ["최고", "재미있다 ㅋㅋㅋㅋ", "또 보고 싶다", "감동"],
  "2": ["그저 그렇다", "보통이다", "무난하다", "평범"],
};
const SHARED = ["영화", "배우가", '연출은 "그냥"', "음악이", "결말", "이 감독"];

/** Words of the reviews, to ask about. */
export const REVIEW_WORDS: readonly string[] = Object.values(WORDS).flat();

/** A file of the form of NSMC, with what real files have: empty reviews, Windows line ends, quotes as data. */
export function reviewFile(labels: readonly string[], count: number, first: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const place = first + i;
    const label = labels[i % labels.length]!;
    const pick = (from: readonly string[], step: number) =>
      from[Math.floor(place / step) % from.length]!;
    const text = `${pick(WORDS[label]!, 3)} ${pick(SHARED, 5)} ${pick(WORDS[label]!, 7)} ${
      place % 13
    }`;
    return `${place}\t${i % 50 === 49 ? "" : text}\t${label}`;
  });
  return ["id\tdocument\tlabel", ...lines, ""].join("\r\n");
}
