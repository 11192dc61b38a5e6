import { defineStep, type Row, z } from "hanok";

/** Leaves out rows in which some number is far from the mean of its column. */
export const dropOutliers = defineStep({
  module: import.meta.url,
  name: "drop_outliers",
  inputs: { dataset: "dataset" },
  outputs: { dataset: "dataset" },
  params: z.object({
    /** How many standard deviations from the mean are still usual. */
    limit: z.number().positive(),
  }),
  async run(context, { dataset }, { limit }) {
    const rows = await Array.fromAsync(dataset.rows());
    const ranges = dataset.schema.columns
      .filter(({ type }) => type === "number" || type === "integer")
      .map(({ name }) => usualRange(rows, name, limit));
    const kept = rows.filter((row) =>
      ranges.every(({ name, low, high }) => {
        const value = row[name];
        return typeof value !== "number" || (low <= value && value <= high);
      })
    );
    context.summary(`kept ${kept.length} of ${rows.length} rows`);
    return { dataset: await context.artifacts.dataset(dataset.schema, kept) };
  },
});

function usualRange(rows: readonly Row[], name: string, limit: number) {
  const values = rows.map((row) => row[name]).filter((value) => typeof value === "number");
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const distance = limit * Math.sqrt(variance);
  return { name, low: mean - distance, high: mean + distance };
}
