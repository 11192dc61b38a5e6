/** A field as it stands in the source: `null` is an empty field, `""` a quoted empty one. */
export type SourceField = string | number | boolean | null;

/** One row of a source, not yet checked. */
export interface SourceRecord {
  /** Line the record starts on, from 1. */
  readonly line: number;
  /** In the order of the header. */
  readonly fields: readonly SourceField[];
  /** Why the record could not be taken apart; it then has no fields. */
  readonly problem?: { readonly text: string; readonly fix: string };
}

/** The record that stands for a row which is longer than allowed: nothing after it is read. */
export function tooLong(line: number, maxRowBytes: number): SourceRecord {
  return {
    line,
    fields: [],
    problem: {
      text: `line ${line}: the row is longer than ${maxRowBytes} bytes; reading stopped here`,
      fix: "Look for a quote that is not closed or a missing line end; " +
        "if the row is right, raise `max_row_bytes` of the dataset step",
    },
  };
}

/** Whether a text is longer than so many bytes of UTF-8. */
export function isLonger(text: string, bytes: number): boolean {
  if (3 * text.length <= bytes) return false;
  return text.length > bytes || new TextEncoder().encode(text).length > bytes;
}

/** Whether a record is a blank line (in a table of one column: a missing value). */
export function isBlank({ fields }: SourceRecord): boolean {
  return fields.length === 1 && fields[0] === null;
}
