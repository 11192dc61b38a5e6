import type { Column, ColumnType } from "../../pipeline/mod.ts";
import { isMissing, KIND, kindOf, typeOfKinds, valueOf } from "./cell_kind.ts";
import type { SourceField } from "./source_record.ts";

/** So many numbers before the first text of a column are worth a hint. */
const SURPRISING_NUMBERS = 10;

/** What is learned of one column while its fields go by. */
export interface ColumnFacts {
  /**
   * Takes a field in.
   *
   * @returns Why it does not fit the declared type, or `undefined`.
   */
  take(field: SourceField | undefined, line: number): string | undefined;
  /** The column, once all of `rowCount` rows were taken. */
  column(rowCount: number): Column;
  /** What may not be meant, or `undefined`. */
  hint(): string | undefined;
}

/** Begins to learn about a column. */
export function openColumnFacts(options: {
  readonly name: string;
  readonly declared: ColumnType | undefined;
  readonly missing: ReadonlySet<string>;
  /** Whether the source tells texts from numbers (JSON). */
  readonly isTyped: boolean;
}): ColumnFacts {
  const { name, declared, missing, isTyped } = options;
  let kinds = 0;
  let present = 0;
  let emptyTexts = 0;
  let numbers = 0;
  let firstText: string | undefined;
  const learn = (field: string | number | boolean, line: number): void => {
    const kind = kindOf(field, isTyped);
    if (kind !== KIND.text && kind !== KIND.boolean) numbers++;
    else if (firstText === undefined) {
      firstText = `line ${line} holds ${shown(field)} after ${numbers} numbers`;
    }
    kinds |= kind;
  };
  const typeNow = (): ColumnType => declared ?? typeOfKinds(kinds);
  return {
    take(field, line) {
      if (field === "") return void emptyTexts++;
      if (isMissing(field, "string", missing)) return undefined;
      const value = field as string | number | boolean;
      present++;
      if (declared === undefined) {
        if ((kinds & KIND.text) === 0) learn(value, line);
        return undefined;
      }
      if (valueOf(value, declared) !== undefined) return undefined;
      return `line ${line}, column "${name}": ${shown(value)} does not fit type ${declared}`;
    },
    column(rowCount) {
      const type = typeNow();
      const filled = present + (type === "string" ? emptyTexts : 0);
      return { name, type, nullable: filled < rowCount };
    },
    hint() {
      if (typeNow() !== "string" || firstText === undefined) return undefined;
      if (numbers < SURPRISING_NUMBERS) return undefined;
      return `column "${name}" is read as text, because ${firstText}; ` +
        "if that stands for a missing value, list it under `missing`, else declare the type under `columns`";
    },
  };
}

function shown(field: string | number | boolean): string {
  return JSON.stringify(typeof field === "string" ? field.slice(0, 40) : field);
}
