import type { Column, ColumnType } from "../../pipeline/mod.ts";
import { isMissing, KIND, kindOf, typeOfKinds, valueOf } from "./cell_kind.ts";
import type { SourceField } from "./source_record.ts";

/** So many numbers in a column make a text in it worth a word. */
const SURPRISING_NUMBERS = 10;
/** Up to this share of texts among numbers is taken for mistakes in the file, not for what the column holds. */
const MISTAKEN_SHARE = 0.1;
/** Texts of digits are codes: `007`, `+82 10`. They are meant, however few they are. */
const CODE = /^[+\d][\d -]*$/;
/** Mistaken texts that are shown. */
const SHOWN = 3;

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
  /** Why the column as a whole cannot be what it seems, or `undefined`. */
  mistake(): string | undefined;
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
  let texts = 0;
  let hasCode = false;
  const firstTexts: string[] = [];
  const learn = (field: string | number | boolean, line: number): void => {
    const kind = kindOf(field, isTyped);
    kinds |= kind;
    if (kind !== KIND.text && kind !== KIND.boolean) return void numbers++;
    texts++;
    if (firstTexts.length < SHOWN) firstTexts.push(`line ${line} holds ${shown(field)}`);
    hasCode ||= typeof field === "string" && CODE.test(field);
  };
  const isMistaken = (): boolean =>
    declared === undefined && texts > 0 && !hasCode && numbers >= SURPRISING_NUMBERS &&
    texts <= (numbers + texts) * MISTAKEN_SHARE;
  const typeNow = (): ColumnType => declared ?? typeOfKinds(kinds);
  return {
    take(field, line) {
      if (field === "") return void emptyTexts++;
      if (isMissing(field, "string", missing)) return undefined;
      const value = field as string | number | boolean;
      present++;
      if (declared === undefined) {
        learn(value, line);
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
    mistake() {
      if (!isMistaken()) return undefined;
      const more = texts > firstTexts.length ? `, and ${texts - firstTexts.length} more` : "";
      return `column "${name}" holds ${numbers} numbers, and ${firstTexts.join(", ")}${more}`;
    },
    hint() {
      if (typeNow() !== "string" || firstTexts.length === 0) return undefined;
      if (numbers < SURPRISING_NUMBERS) return undefined;
      return `column "${name}" is read as text: beside ${numbers} numbers, ${firstTexts[0]}; ` +
        "if that stands for a missing value, list it under `missing`, else declare the type under `columns`";
    },
  };
}

function shown(field: string | number | boolean): string {
  return JSON.stringify(typeof field === "string" ? field.slice(0, 40) : field);
}
