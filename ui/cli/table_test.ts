import { ok } from "node:assert/strict";
import fc from "fast-check";
import { renderFacts, renderTable, type TableColumn } from "./table.ts";
import { textWidth } from "./text_width.ts";

const columns: readonly TableColumn[] = [
  { title: "run" },
  { title: "pipeline", flexible: true },
  { title: "took", align: "right" },
];
const rows = [
  ["3f9a2c", "digits", "41.7 s"],
  ["41b07e", "영화평 분류기", "1 min 05 s"],
  ["77aa01", "a pipeline with a very long name\nin two lines", "0.0 s"],
];

Deno.test("renderTable() aligns columns, Hangul included, numbers to the right", async (t) => {
  await t.assertSnapshot(renderTable(columns, rows, { width: null }).join("\n"));
});

Deno.test("renderTable() cuts the flexible column to the terminal's width", async (t) => {
  await t.assertSnapshot(renderTable(columns, rows, { width: 40 }).join("\n"));
});

Deno.test("renderTable() fits every width that its stiff columns leave room for", () => {
  const cell = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(cell, { minLength: 1 }),
      fc.integer({ min: 30, max: 80 }),
      (cells, width) => {
        const lines = renderTable(columns, cells.map((each) => ["3f9a2c", each, "41.7 s"]), {
          width,
        });
        ok(lines.every((line) => textWidth(line) <= width));
      },
    ),
    { seed: 7 },
  );
});

Deno.test("renderFacts() puts values under each other", async (t) => {
  await t.assertSnapshot(
    renderFacts([["status", "succeeded"], ["by", "mina"], ["메모", "first try"]]).join("\n"),
  );
});
