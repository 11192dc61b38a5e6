import type { Json, JsonObject } from "./json.ts";

/** Named numbers, e.g. `{ accuracy: 0.97 }`. A metric can be NaN: it then passes no gate. */
export type Metrics = Readonly<Record<string, number>>;

/** One example the model got wrong, as a person would read it. */
export interface Mistake {
  /** Position in the evaluated dataset, from 0. */
  readonly row: number;
  /** The raw columns of the example, label left out. */
  readonly input: JsonObject;
  readonly label: string;
  readonly predicted: string;
  /** Probability of the wrong answer, 0 to 1. */
  readonly confidence: number;
}

/** All metrics of one model on one split. */
export interface Evaluation {
  readonly split: string;
  readonly rows: number;
  readonly labels: readonly string[];
  /** The same numbers that are logged to the run. NaN is the text "NaN". */
  readonly metrics: Readonly<Record<string, number | "NaN">>;
  /** `confusion[actual][predicted]`: counts in the order of `labels`. */
  readonly confusion: readonly (readonly number[])[];
  /** Metrics of parts of the split: column=value → metrics. */
  readonly slices: Readonly<
    Record<string, Readonly<Record<string, number | "NaN">>>
  >;
  /** The most confident mistakes, most confident first. */
  readonly mistakes: readonly Mistake[];
}

/** What a gate decided, and why. */
export interface Verdict {
  readonly passed: boolean;
  /** Every demand with its value: `accuracy is 0.98, must be >= 0.97`; the unmet ones first. */
  readonly reasons: readonly VerdictReason[];
  /** Champion it was judged against, when it was; version `null`: there was none. */
  readonly champion?: { readonly model: string; readonly version: number | null };
}

/** One demand and what was found. */
export interface VerdictReason {
  readonly met: boolean;
  readonly text: string;
  readonly metric: string;
  /** The value found; `"NaN"`, or `null` when no step produced the metric. */
  readonly value: number | "NaN" | null;
  readonly demand: Json;
}
