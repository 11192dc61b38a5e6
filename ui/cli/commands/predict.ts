import { resolve } from "node:path";
import { ExplainedError } from "../../../pipeline/mod.ts";
import type { Answer, Predictor } from "../../../runtime/serving/mod.ts";
import { type AnyCommand, newCommand } from "../new_command.ts";
import type { Paint } from "../paint.ts";
import { exampleOf, parseInputs, parseRowsText, type PredictionRows } from "../prediction_input.ts";
import { renderPercent } from "../quantity.ts";
import { openShellStore, printJson, type Shell } from "../shell.ts";
import { cutText, onOneLine, padEnd, padStart, textWidth } from "../text_width.ts";
import { usageError } from "../usage_error.ts";

/** `predict MODEL INPUT…`: a prediction from the shell. */
export function command(shell: Shell): AnyCommand {
  return newCommand("predict", {
    summary: "a prediction from the shell",
    about: "The champion answers, unless an alias or a version is named.",
    examples: [
      ["predict iris sepal_length=5.1 sepal_width=3.5 petal_length=1.4 petal_width=0.2", ""],
      ["predict digits --example", "on the row that came with the model"],
      ["predict digits@candidate '[0, 0, 5, 13, …]'", "values in the order of the columns"],
      ["predict iris @rows.json --json", "rows of a file: JSON, or JSON lines in a .jsonl"],
      ["predict iris - < rows.json", "rows of stdin"],
    ],
  })
    .argument("<model>", "name, name@alias, name/version, or the folder of a model")
    .argument("[input...]", "column=value words, JSON, @file, or - for stdin")
    .option("--example", "predict the row that came with the model")
    .action(async (reference, words, { json, example }) => {
      const { loadPredictor } = await import("../../../runtime/serving/mod.ts");
      await using store = await openShellStore(shell);
      // A task runs in the project's folder: a path is meant from where the person stands.
      const isPath = /^\.{0,2}[/\\]/.test(reference);
      const model = isPath ? resolve(shell.settings.cwd, reference) : reference;
      await using predictor = await loadPredictor(model, {
        store,
        threads: shell.settings.threads,
      });
      const rows = await readRows(predictor, words, { shell, example: example === true });
      const [only] = rows;
      // A row by itself is checked without "row 1" in front of every problem.
      const isOne = rows.length === 1 && only !== undefined && !Array.isArray(only);
      const answers = isOne
        ? [await predictor.predict(only as Record<string, unknown>)]
        : await predictor.predict(rows);
      if (json) {
        return printJson(shell, {
          model: predictor.name,
          version: predictor.version,
          predictions: answers,
        });
      }
      const { out } = shell.terminal;
      const version = predictor.version === null ? "" : ` version ${predictor.version}`;
      out.lines([out.paint.dim(`${predictor.name}${version}`)]);
      out.lines(renderAnswers(answers, out.paint, textsOf(predictor, rows)));
    }) as AnyCommand;
}

async function readRows(
  { name, signature, inputExample }: Predictor,
  words: readonly string[],
  { shell, example }: { readonly shell: Shell; readonly example: boolean },
): Promise<PredictionRows> {
  if (example) {
    const [row] = inputExample;
    if (row !== undefined) return [row];
    throw usageError(`${name} came without an example`, `Write a row: ${exampleOf(signature)}`);
  }
  const [first] = words;
  if (first === undefined) {
    throw usageError(
      "there is nothing to predict",
      `Write a row: ${exampleOf(signature, inputExample[0])}; or --example`,
    );
  }
  if (first === "-") {
    const text = await new Response(Deno.stdin.readable).text();
    return parseRowsText(text, "stdin");
  }
  if (first.startsWith("@")) return await readFileRows(resolve(shell.settings.cwd, first.slice(1)));
  return parseInputs(words, signature);
}

async function readFileRows(path: string): Promise<PredictionRows> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new ExplainedError("cli/unreadable-rows", {
      what: `Cannot read ${path}`,
      why: cause instanceof Deno.errors.NotFound
        ? "there is no such file"
        : (cause as Error).message,
      fix: "Give the path of a JSON file behind @",
      cause,
    });
  }
  return parseRowsText(text, path);
}

/** Classes shown below an answer. */
const SHOWN_CLASSES = 5;
const BAR_COLUMNS = 20;

/** The texts that were asked about, when the model takes nothing else. */
function textsOf({ signature }: Predictor, rows: PredictionRows): readonly string[] {
  const [only, ...more] = signature.inputs;
  if (only?.type !== "string" || more.length > 0) return [];
  return rows.map((row) =>
    String(Array.isArray(row) ? row[0] : (row as Record<string, unknown>)[only.name])
  );
}

/** Columns of a text that are shown beside its answer. */
const TEXT_COLUMNS = 60;

/**
 * The answers: of a single one also how the probability is spread, of many one line each, with the texts they are of, if there
 * are any.
 */
export function renderAnswers(
  answers: readonly Answer[],
  paint: Paint,
  texts: readonly string[] = [],
): string[] {
  const [only] = answers;
  if (answers.length === 1 && only !== undefined) {
    return [
      `${paint.bold(onOneLine(only.label))}  ${renderPercent(only.confidence)} sure`,
      ...spreadLines(only, paint),
    ];
  }
  const labels = answers.map(({ label }) => onOneLine(label));
  const width = Math.max(0, ...labels.map(textWidth));
  const digits = String(answers.length).length;
  return answers.map(({ confidence }, i) =>
    `${padStart(String(i + 1), digits)}  ${padEnd(labels[i]!, width)}  ${
      padStart(renderPercent(confidence), 8)
    } sure${texts[i] === undefined ? "" : `  ${cutText(onOneLine(texts[i]), TEXT_COLUMNS)}`}`
  );
}

function spreadLines({ probabilities }: Answer, paint: Paint): string[] {
  const classes = Object.entries(probabilities).sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_CLASSES);
  const width = Math.max(...classes.map(([label]) => textWidth(onOneLine(label))));
  return classes.map(([label, share]) => {
    const filled = Math.round(share * BAR_COLUMNS);
    const bar = paint.cyan("━".repeat(filled)) + paint.dim("╌".repeat(BAR_COLUMNS - filled));
    return `  ${padEnd(onOneLine(label), width)}  ${bar}  ${padStart(renderPercent(share), 8)}`;
  });
}
