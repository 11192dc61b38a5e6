import { ok } from "node:assert/strict";
import type { RunCard, RunSummary } from "../../runtime/executor/run_summary.ts";
import { closingCard } from "./closing_card.ts";
import { plainPaint } from "./paint.ts";
import { textWidth } from "./text_width.ts";

const summary: RunSummary = {
  run_id: "3f9a2c1b".repeat(4),
  run_name: "brave-heron-12",
  pipeline: "digits",
  status: "succeeded",
  engine: "cpu",
  duration_ms: 12_340,
  steps: ["data", "train", "gate"].map((node, i) => ({
    node,
    step: node,
    status: "succeeded",
    duration_ms: [10, 9000, 5][i]!,
    cache_key: null,
    reason: "first run",
    summary: null,
    error: null,
  })),
  metrics: { accuracy: 0.9833, f1_macro: 0.98, rows: 360, "evaluate/accuracy": 0.9833 },
  gates: [{ node: "gate", passed: true, reasons: ["accuracy is 0.9833, must be >= 0.97"] }],
  model: { name: "digits", version: 4, aliases: ["candidate", "champion"] },
};

const eight = [
  [0, 0, 5, 13, 9, 1, 0, 0],
  [0, 0, 13, 15, 10, 15, 5, 0],
  [0, 3, 15, 2, 0, 11, 8, 0],
  [0, 4, 12, 0, 0, 8, 8, 0],
  [0, 5, 8, 0, 0, 9, 8, 0],
  [0, 4, 11, 0, 1, 12, 7, 0],
  [0, 2, 14, 5, 10, 12, 0, 0],
  [0, 0, 6, 13, 10, 0, 0, 0],
];
const pixels = Object.fromEntries(
  eight.flatMap((row, y) => row.map((value, x) => [`pixel_${y}_${x}`, value])),
);
const pictures: RunCard = {
  mistakes: [0.71, 0.62, 0.5].map((confidence, i) => ({
    row: 17 + i,
    input: pixels,
    label: "3",
    predicted: "8",
    confidence,
  })),
  inputExample: pixels,
};

const flower = { sepal_length: 6.1, sepal_width: 2.8, petal_length: 4.7, petal_width: 1.2 };
const rows: RunCard = {
  mistakes: [{
    row: 17,
    input: flower,
    label: "virginica",
    predicted: "versicolor",
    confidence: 0.62,
  }],
  inputExample: flower,
};

const cases: readonly {
  readonly title: string;
  readonly summary: RunSummary;
  readonly card: RunCard;
  readonly width: number | null;
}[] = [
  { title: "of digits shows pictures side by side", summary, card: pictures, width: 100 },
  {
    title: "on a narrow terminal puts pictures below each other",
    summary,
    card: pictures,
    width: 40,
  },
  {
    title: "of a table shows column and value, and a prediction to type",
    summary,
    card: rows,
    width: 80,
  },
  {
    title: "of a closed gate lists every reason",
    summary: {
      ...summary,
      status: "gated",
      model: null,
      gates: [{
        node: "gate",
        passed: false,
        reasons: ["accuracy is 0.91, must be >= 0.97", "f1_macro is NaN, must be >= 0.9"],
      }],
      metrics: { accuracy: 0.91, f1_macro: "NaN" },
    },
    card: { mistakes: [], inputExample: null },
    width: 80,
  },
  {
    title: "of a failure points to the log",
    summary: {
      ...summary,
      status: "failed",
      model: null,
      gates: [],
      metrics: {},
      steps: summary.steps.map((step) =>
        step.node === "train" ? { ...step, status: "failed" } : step
      ),
    },
    card: { mistakes: [], inputExample: null },
    width: 80,
  },
  {
    title: "of a cancelled run says how to go on",
    summary: {
      ...summary,
      status: "cancelled",
      model: null,
      gates: [],
      metrics: {},
      steps: summary.steps.map((step) => ({ ...step, status: "cancelled" })),
    },
    card: { mistakes: [], inputExample: null },
    width: 80,
  },
  {
    title: "of an unchanged run says so",
    summary: {
      ...summary,
      duration_ms: 90,
      steps: summary.steps.map((step) => ({ ...step, status: "cached", duration_ms: 0 })),
    },
    card: { mistakes: [], inputExample: { text: "it's \n fine" } },
    width: 80,
  },
];

for (const { title, summary, card, width } of cases) {
  Deno.test(`closingCard() ${title}`, async (t) => {
    const lines = closingCard(summary, card, { paint: plainPaint, width });
    await t.assertSnapshot(lines.join("\n"));
  });
}

Deno.test("closingCard() leads to the page of the run while a server is up", () => {
  const server = "http://127.0.0.1:8000/";
  const { summary, card } = cases[0]!;
  const lines = closingCard(summary, card, { paint: plainPaint, width: null, server });

  ok(
    lines.some((line) => line.includes(`http://127.0.0.1:8000/runs/${summary.run_id.slice(0, 6)}`)),
  );
});

Deno.test("closingCard() keeps an example with many columns within the terminal", () => {
  const columns = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`c${i}_x`, `value ${i}`]),
  );
  const mistake = { ...rows.mistakes[0]!, input: columns };

  const lines = closingCard(summary, { mistakes: [mistake], inputExample: columns }, {
    paint: plainPaint,
    width: 60,
  });

  ok(lines.filter((line) => line.startsWith("    c")).every((line) => textWidth(line) <= 60));
  ok(lines.some((line) => /and \d+ more columns/.test(line)));
});
