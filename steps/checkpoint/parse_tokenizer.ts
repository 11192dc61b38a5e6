import { ExplainedError, listProblems, type WordPieceTokenizer } from "../../pipeline/mod.ts";

/** Contents of the tokenizer's files, those that there are. */
export interface TokenizerFiles {
  /** `tokenizer.json` */
  readonly json: string | undefined;
  /** `tokenizer_config.json` */
  readonly config: string | undefined;
  /** `vocab.txt`: a token a line. */
  readonly vocabulary: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The WordPiece tokenizer of a checkpoint: from `vocab.txt` and `tokenizer_config.json`, as BERT itself reads them, else from
 * `tokenizer.json`. What they do not say is as in BERT.
 *
 * @throws {ExplainedError} `checkpoint/bad-tokenizer` with every problem.
 */
export function parseTokenizer({ json, config, vocabulary }: TokenizerFiles): WordPieceTokenizer {
  const problems: string[] = [];
  const told = fieldsOf(config ?? "{}", "tokenizer_config.json", problems);
  const whole = json === undefined ? {} : fieldsOf(json, "tokenizer.json", problems);
  const model = isFields(whole.model) ? whole.model : {};
  if (vocabulary === undefined) problems.push(...modelProblems(model));
  const normalizer = vocabulary === undefined && isFields(whole.normalizer) ? whole.normalizer : {};
  const lowercase = flag(told.do_lower_case ?? normalizer.lowercase, true);
  const tokenizer: WordPieceTokenizer = {
    vocabulary: vocabulary === undefined ? tokensOf(model.vocab) : linesOf(vocabulary),
    lowercase,
    stripAccents: flag(told.strip_accents ?? normalizer.strip_accents, lowercase),
    cutChinese: flag(told.tokenize_chinese_chars ?? normalizer.handle_chinese_chars, true),
    special: {
      unknown: tokenText(told.unk_token) ?? "[UNK]",
      begin: tokenText(told.cls_token) ?? "[CLS]",
      end: tokenText(told.sep_token) ?? "[SEP]",
      padding: tokenText(told.pad_token) ?? "[PAD]",
    },
  };
  if (problems.length === 0) {
    for (const token of Object.values(tokenizer.special)) {
      if (tokenizer.vocabulary.includes(token)) continue;
      problems.push(`the vocabulary of ${tokenizer.vocabulary.length} tokens has no ${token}`);
    }
  }
  if (problems.length === 0) return tokenizer;
  throw new ExplainedError("checkpoint/bad-tokenizer", {
    what: "Cannot read the tokenizer of the checkpoint",
    why: listProblems(problems),
    fix: "Give the files of a BERT, DistilBERT or ELECTRA model with a WordPiece tokenizer",
  });
}

function fieldsOf(text: string, name: string, problems: string[]): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
    problems.push(`${name} is no object`);
  } catch (error) {
    problems.push(`${name}: ${(error as Error).message}`);
  }
  return {};
}

function modelProblems(
  { type, vocab, continuing_subword_prefix: prefix = "##" }: Fields,
): string[] {
  return [
    ...(type === "WordPiece" ? [] : [`its tokenizer.json is a ${type}, and not WordPiece`]),
    ...(prefix === "##" ? [] : [`it marks tokens that go on with "${prefix}", and not "##"`]),
    ...(isFields(vocab) ? [] : ["its tokenizer.json has no vocabulary"]),
  ];
}

/** One token a line, whatever the line ends are. */
function linesOf(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Tokens by their ids; an id without a token gets a name that no text holds. */
function tokensOf(vocab: unknown): readonly string[] {
  if (!isFields(vocab)) return [];
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(vocab)) tokens[Number(id)] = token;
  return Array.from(tokens, (token, id) => token ?? `[no token ${id}]`);
}

/** `"[CLS]"`, or `{ "content": "[CLS]" }`. */
function tokenText(value: unknown): string | undefined {
  if (isFields(value)) return tokenText(value.content);
  return typeof value === "string" ? value : undefined;
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === "boolean" ? value : otherwise;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
