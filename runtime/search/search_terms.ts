/** What a name in a filter or an order may be about. */
export type Entity = "metric" | "param" | "tag" | "attribute" | "dataset";

/** How values are compared. */
export type Comparator =
  | "="
  | "!="
  | ">"
  | ">="
  | "<"
  | "<="
  | "LIKE"
  | "ILIKE"
  | "IN"
  | "NOT IN";

/** One condition of a filter. */
export interface Clause {
  readonly entity: Entity;
  readonly key: string;
  readonly comparator: Comparator;
  readonly value: string | number | readonly string[];
}

/** One key of an order. */
export interface OrderTerm {
  readonly entity: Entity;
  readonly key: string;
  readonly descending: boolean;
}

/** What can be searched for, and by what. */
export interface SearchTerms {
  /** Spellings of entities. */
  readonly entities: Readonly<Record<string, Entity>>;
  /** Attributes, and the comparators each takes. A numeric one compares with a number. */
  readonly attributes: Readonly<
    Record<string, { readonly numeric: boolean; readonly comparators: readonly Comparator[] }>
  >;
  /** Other spellings of attributes. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Attributes that an order may name. */
  readonly orderable: readonly string[];
}

export const NUMERIC: readonly Comparator[] = ["=", "!=", ">", ">=", "<", "<="];
export const TEXTUAL: readonly Comparator[] = ["=", "!=", "LIKE", "ILIKE"];
const DATASET: readonly Comparator[] = [...TEXTUAL, "IN", "NOT IN"];

const number = { numeric: true, comparators: NUMERIC };
const text = { numeric: false, comparators: TEXTUAL };
const listed = { numeric: false, comparators: DATASET };

const TAGS = { tag: "tag", tags: "tag" } as const;
const ATTRIBUTES = {
  attribute: "attribute",
  attributes: "attribute",
  attr: "attribute",
} as const;

export const RUN_TERMS: SearchTerms = {
  entities: {
    ...TAGS,
    ...ATTRIBUTES,
    run: "attribute",
    metric: "metric",
    metrics: "metric",
    param: "param",
    params: "param",
    parameter: "param",
    parameters: "param",
    dataset: "dataset",
    datasets: "dataset",
  },
  attributes: {
    start_time: number,
    end_time: number,
    run_id: listed,
    run_name: text,
    status: text,
    user_id: text,
    artifact_uri: text,
  },
  aliases: {
    created: "start_time",
    Created: "start_time",
    "run name": "run_name",
    "Run name": "run_name",
    "Run Name": "run_name",
  },
  orderable: ["start_time", "end_time", "run_id", "run_name", "status", "user_id", "artifact_uri"],
};

export const EXPERIMENT_TERMS: SearchTerms = {
  entities: { ...TAGS, ...ATTRIBUTES },
  attributes: { name: text, creation_time: number, last_update_time: number },
  orderable: ["name", "experiment_id", "creation_time", "last_update_time"],
};

export const MODEL_TERMS: SearchTerms = {
  entities: { ...TAGS, ...ATTRIBUTES },
  attributes: { name: text },
  aliases: { timestamp: "last_updated_timestamp" },
  orderable: ["name", "last_updated_timestamp"],
};

export const VERSION_TERMS: SearchTerms = {
  entities: { ...TAGS, ...ATTRIBUTES },
  attributes: { name: text, run_id: listed, source_path: text, version_number: number },
  orderable: ["name", "version_number", "creation_timestamp", "last_updated_timestamp"],
};

export const LOGGED_MODEL_TERMS: SearchTerms = {
  entities: {
    ...TAGS,
    ...ATTRIBUTES,
    metric: "metric",
    metrics: "metric",
    param: "param",
    params: "param",
  },
  attributes: {
    name: listed,
    model_id: listed,
    model_type: listed,
    status: listed,
    source_run_id: listed,
    creation_timestamp: number,
    creation_time: number,
    last_updated_timestamp: number,
  },
  orderable: [
    "name",
    "model_id",
    "model_type",
    "status",
    "source_run_id",
    "creation_timestamp",
    "creation_time",
    "last_updated_timestamp",
  ],
};

/** The comparators that an entity takes. */
export function comparatorsOf(
  terms: SearchTerms,
  { entity, key }: Pick<Clause, "entity" | "key">,
): readonly Comparator[] {
  if (entity === "metric") return NUMERIC;
  if (entity === "dataset") return DATASET;
  return entity === "attribute" ? terms.attributes[key]!.comparators : TEXTUAL;
}

/** Whether the entity compares with a number. */
export function isNumeric(
  terms: SearchTerms,
  { entity, key }: Pick<Clause, "entity" | "key">,
): boolean {
  return entity === "metric" || (entity === "attribute" && terms.attributes[key]!.numeric);
}

/** What a dataset can be searched by. */
export const DATASET_KEYS: readonly string[] = ["name", "digest", "context"];
