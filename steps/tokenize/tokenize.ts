import {
  type DatasetHandle,
  defineStep,
  ExplainedError,
  type FittedPreprocessing,
  type FittedTokens,
  type Preprocessor,
  type Row,
  type Step,
  type StepContext,
  type TokenizedTexts,
} from "../../pipeline/mod.ts";
import { grouped } from "../grouped.ts";
import { rowChunks } from "../row_chunks.ts";
import { renderSplit, type TokenizedSplit } from "./token_files.ts";

/** Names of the metrics that it produces. */
export const TOKENIZE_METRICS = [
  "tokens",
  "tokens_per_second",
  "unknown_share",
  "truncated_share",
] as const;

/** Texts that go to a worker together. */
const CHUNK = 2048;

/**
 * Turns a split into tokens and classes, once for each tokenizer and length. `report` is `{ texts, tokens, unknown, unknown_share,
 * truncated, truncated_share, longest }`: shares are of all tokens, and of all texts.
 *
 * @throws {ExplainedError} `tokenize/no-tokenizer`, `preprocessing/bad-rows`, `preprocessing/unknown-label`.
 */
export const tokenize: Step<
  { readonly dataset: "dataset"; readonly preprocessing: "preprocessing" },
  { readonly tokens: "folder"; readonly report: "json" }
> = defineStep({
  module: import.meta.url,
  name: "tokenize",
  inputs: { dataset: "dataset", preprocessing: "preprocessing" },
  outputs: { tokens: "folder", report: "json" },
  uses: ["preprocessing"],
  metrics: () => TOKENIZE_METRICS,
  async run(context, { dataset, preprocessing }) {
    const feature = tokenFeature(preprocessing);
    const start = performance.now();
    const { split, unknown, truncated } = await readTokens(context, dataset, {
      feature,
      preprocessor: context.preprocessing.open(preprocessing),
    });
    const seconds = (performance.now() - start) / 1000;
    const report = {
      ...{ texts: split.count, tokens: split.ids.length, unknown, truncated },
      unknown_share: unknown / Math.max(1, split.ids.length),
      truncated_share: truncated / Math.max(1, split.count),
      longest: longestOf(split),
    };
    for (const name of ["tokens", "unknown_share", "truncated_share"] as const) {
      context.metric(name, report[name]);
    }
    context.metric("tokens_per_second", report.tokens / seconds);
    context.summary(summaryOf(report, report.tokens / seconds));
    return { tokens: await context.artifacts.folder(renderSplit(split)), report };
  },
});

function tokenFeature({ features }: FittedPreprocessing): FittedTokens {
  const [feature] = features;
  if (feature?.as === "tokens") return feature;
  throw new ExplainedError("tokenize/no-tokenizer", {
    what: "Cannot tokenize the texts",
    why: `the preprocessing makes ${feature?.as ?? "nothing"} of the columns, not tokens`,
    fix: "Wire the preprocessing of a tokenizer step into it",
  });
}

/** Everything that is known once all texts are tokenized. */
interface ReadTokens {
  readonly split: TokenizedSplit;
  readonly unknown: number;
  readonly truncated: number;
}

async function readTokens(
  context: StepContext,
  dataset: DatasetHandle,
  { feature, preprocessor }: {
    readonly feature: FittedTokens;
    readonly preprocessor: Preprocessor;
  },
): Promise<ReadTokens> {
  const { rowCount } = dataset.schema;
  const labels: Row[] = [];
  async function* texts(): AsyncGenerator<readonly string[]> {
    for await (const { rows, firstRow } of rowChunks(context, dataset, CHUNK)) {
      const column = preprocessor.fitted.label.column;
      labels.push(...rows.map((row) => ({ [column]: row[column] ?? null })));
      yield rows.map((row, i) => textOf(row, feature.column, firstRow + i));
    }
  }
  const parts: TokenizedTexts[] = [];
  let done = 0;
  for await (const part of context.preprocessing.tokenize(feature, texts())) {
    parts.push(part);
    done += part.ends.length;
    context.progress({ done, total: rowCount, unit: "texts" });
    await context.yield();
  }
  const targets = preprocessor.encodeLabels(labels).data as Int32Array;
  const sum = (name: "unknown" | "truncated") => parts.reduce((all, part) => all + part[name], 0);
  return {
    split: { count: rowCount, ...joined(parts, rowCount), targets },
    unknown: sum("unknown"),
    truncated: sum("truncated"),
  };
}

/** Text of a row; the preprocessing was fitted on rows that have one. */
function textOf(row: Row, column: string, place: number): string {
  const text = row[column];
  if (typeof text === "string") return text;
  throw new ExplainedError("preprocessing/bad-rows", {
    what: "Cannot tokenize the texts",
    why: `row ${place + 1}, column "${column}": expected a text, found ${text ?? "nothing"}`,
    fix: "Drop rows without a text in the dataset step, with drop_empty",
  });
}

function joined(
  parts: readonly TokenizedTexts[],
  count: number,
): Pick<TokenizedSplit, "ids" | "starts"> {
  const ids = new Int32Array(parts.reduce((sum, part) => sum + part.ids.length, 0));
  const starts = new Int32Array(count + 1);
  let at = 0;
  let text = 0;
  for (const part of parts) {
    ids.set(part.ids, at);
    for (const end of part.ends) starts[++text] = at + end;
    at += part.ids.length;
  }
  return { ids, starts };
}

function longestOf({ starts, count }: TokenizedSplit): number {
  let longest = 0;
  for (let i = 0; i < count; i++) longest = Math.max(longest, starts[i + 1]! - starts[i]!);
  return longest;
}

function summaryOf(
  report: Readonly<Record<"tokens" | "unknown_share" | "truncated_share", number>>,
  rate: number,
): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  return `${grouped(report.tokens)} tokens · ${grouped(Math.round(rate))}/s · ` +
    `${percent(report.unknown_share)} unknown · ${percent(report.truncated_share)} of texts cut`;
}
