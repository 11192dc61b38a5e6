const ADJECTIVES =
  "amber bold brave bright calm clear clever cosy crisp deft eager early fair gentle glad golden grand happy honest humble keen kind light lively loyal lucid merry mild neat noble patient proud quick quiet ready silent silver smooth solid sound steady still stout subtle sunny swift tidy tranquil true vivid warm wise witty"
    .split(" ");
const NOUNS =
  "beam birch bracket cedar column courtyard crane dawn door eave elm fir gable garden gate hall hanji hearth hill jar joint lantern lattice loft maple meadow moon oak ondol paper peak persimmon pine plank plum porch rafter reed ridge river roof room sparrow spring stone swallow tenon terrace threshold tile timber tower truss valley wall willow window"
    .split(" ");

/** A name a person can say: `quiet-rafter-417`. For telling runs apart at a glance, not for identity. */
export function randomRunName(random: () => number = Math.random): string {
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)]!;
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}-${Math.floor(random() * 1000)}`;
}
