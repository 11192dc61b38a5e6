import { labelText, type Row, type SignatureInput } from "../../pipeline/mod.ts";
import type { FeatureValues } from "./feature_values.ts";
import { TEXT_FACTS, textFacts } from "./text_facts.ts";
import type { Turn } from "./turns.ts";

/** Features of rows that are handed in one by one. */
export interface FeatureCollector {
  /** @param row Holds a value for every input, `null` when it is missing. */
  take(row: Row): void;
  /** The features that hold at least one value, by their names. */
  finish(turn: Turn): Promise<ReadonlyMap<string, FeatureValues>>;
}

/**
 * Begins to collect what is compared of a model's inputs: numbers as they are, categories and booleans by name, of a text
 * its length and scripts (`length(review)`, `hangul(review)` …), of any input whether it is missing (`missing(age)`).
 */
export function openFeatureCollector(inputs: readonly SignatureInput[]): FeatureCollector {
  const columns = inputs.map(({ name, type, categories }) => ({
    name,
    column: type === "boolean" || categories !== undefined
      ? categoryColumn(name)
      : type === "string"
      ? textColumn(name)
      : numberColumn(name),
    missing: 0,
  }));
  let rows = 0;
  return {
    take(row) {
      rows++;
      for (const each of columns) {
        const cell = row[each.name];
        if (cell === null || cell === undefined) each.missing++;
        else each.column.take(cell);
      }
    },
    async finish(turn) {
      const features = new Map<string, FeatureValues>();
      for (const { name, column, missing } of columns) {
        if (missing < rows) {
          for (const values of column.finish()) {
            features.set(values.feature, values);
            await turn();
          }
        }
        const feature = `missing(${name})`;
        const counts = new Map([["missing", missing], ["given", rows - missing]]);
        if (rows > 0) features.set(feature, { kind: "categories", feature, counts });
      }
      return features;
    },
  };
}

interface FeatureColumn {
  take(cell: string | number | boolean): void;
  /** One after the other: the numbers of each are put in order when it is asked for. */
  finish(): Iterable<FeatureValues>;
}

function numberColumn(feature: string): FeatureColumn {
  const numbers: number[] = [];
  return {
    take: (cell) => void numbers.push(Number(cell)),
    finish: () => [{ kind: "numbers", feature, values: Float64Array.from(numbers).sort() }],
  };
}

function categoryColumn(feature: string): FeatureColumn {
  const counts = new Map<string, number>();
  return {
    take(cell) {
      const name = labelText(cell);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    finish: () => [{ kind: "categories", feature, counts }],
  };
}

function textColumn(name: string): FeatureColumn {
  const facts = TEXT_FACTS.map((fact) => ({ fact, column: numberColumn(`${fact}(${name})`) }));
  return {
    take(cell) {
      const found = textFacts(String(cell));
      for (const { fact, column } of facts) column.take(found[fact]);
    },
    *finish() {
      for (const { column } of facts) yield* column.finish();
    },
  };
}
