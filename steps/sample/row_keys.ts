import {
  type Cell,
  type DatasetHandle,
  didYouMean,
  ExplainedError,
  labelText,
  type StepContext,
} from "../../pipeline/mod.ts";
import { openPace } from "../pace.ts";
import { hashCells, openRowHash } from "./row_hash.ts";

/** What decides where a row goes, for every row in order. */
export interface RowKeys {
  /** Salted hash of the row, or of its group: rows with one key belong together. */
  readonly keys: Float64Array;
  /** Position in `labels`. */
  readonly strata: Int32Array;
  /** Labels of the strata, sorted; one empty label when nothing is stratified. */
  readonly labels: readonly string[];
}

/** How rows are told apart and grouped. */
export interface RowKeyOptions {
  /** Purpose and seed: with one salt for all, a sample would consist of the test rows of a split. */
  readonly salt: string;
  readonly stratify: string | null;
  /** Column whose equal values stay together; rows without a value stand alone. */
  readonly groupBy: string | null;
}

/** More strata than this are no classes. */
const MOST_STRATA = 1000;

/**
 * Reads the keys of a dataset.
 *
 * @throws {ExplainedError} `dataset/missing-column`, or `dataset/too-many-strata` for a column with
 * more than 1,000 values.
 */
export async function readRowKeys(
  context: StepContext,
  dataset: DatasetHandle,
  options: RowKeyOptions,
): Promise<RowKeys> {
  const { salt, stratify, groupBy } = options;
  const names = dataset.schema.columns.map(({ name }) => name);
  requireColumns(names, { stratify, group_by: groupBy });
  const hashRow = openRowHash(salt, names);
  const keys = new Float64Array(dataset.schema.rowCount);
  const strata = new Int32Array(dataset.schema.rowCount);
  const found = new Map<Cell, number>();
  const pace = openPace(context);
  let i = 0;
  for await (const row of dataset.rows()) {
    const group = groupBy === null ? null : row[groupBy] ?? null;
    keys[i] = group === null ? hashRow(row) : hashCells(salt, [group]);
    if (stratify !== null) strata[i] = stratumOf(row[stratify] ?? null, found, stratify);
    i++;
    const rest = pace();
    if (rest !== undefined) await rest;
  }
  return { keys, ...sortStrata(strata, stratify === null ? [""] : [...found.keys()].map(textOf)) };
}

/** @throws {ExplainedError} `dataset/missing-column` when the dataset lacks a column that a param names. */
export function requireColumns(
  names: readonly string[],
  params: Readonly<Record<string, string | null>>,
): void {
  for (const [param, name] of Object.entries(params)) {
    if (name === null || names.includes(name)) continue;
    throw new ExplainedError("dataset/missing-column", {
      what: `Cannot use column "${name}"`,
      why: `the dataset has no column "${name}", which \`${param}\` names${
        didYouMean(name, names)
      }`,
      fix: `Use one of its columns: ${names.slice(0, 20).join(", ")}${
        names.length > 20 ? " …" : ""
      }`,
    });
  }
}

function stratumOf(cell: Cell, found: Map<Cell, number>, column: string): number {
  const known = found.get(cell);
  if (known !== undefined) return known;
  if (found.size === MOST_STRATA) {
    throw new ExplainedError("dataset/too-many-strata", {
      what: `Cannot stratify by column "${column}"`,
      why: `it holds more than ${MOST_STRATA} different values`,
      fix: "Stratify by a column of classes, such as the label",
    });
  }
  found.set(cell, found.size);
  return found.size - 1;
}

function textOf(cell: Cell): string {
  return cell === null ? "(missing)" : labelText(cell);
}

/** The strata in the order of their labels, so that the order of rows does not show. */
function sortStrata(
  strata: Int32Array,
  labels: readonly string[],
): { strata: Int32Array; labels: readonly string[] } {
  const order = labels.map((_, i) => i).sort((a, b) => labels[a]! < labels[b]! ? -1 : 1);
  const place = new Int32Array(labels.length);
  order.forEach((stratum, i) => place[stratum] = i);
  return { strata: strata.map((stratum) => place[stratum]!), labels: order.map((i) => labels[i]!) };
}
