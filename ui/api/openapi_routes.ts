import { Hono } from "hono";
import { MODEL_FILES, type ModelSignature, type SignatureInput } from "../../pipeline/mod.ts";
import { DEFAULT_ALIAS, type ModelCatalog, parseSignature } from "../../runtime/serving/mod.ts";
import { VERSION } from "../../runtime/version.ts";
import { predictPath } from "./default_model.ts";
import type { ServerContext } from "./server_context.ts";

type Schema = Readonly<Record<string, unknown>>;

/** `GET /openapi.json`: what the server answers, with the inputs of every champion. */
export function openApiRoutes({ catalog }: ServerContext): Hono {
  return new Hono().get("/openapi.json", async (c) => c.json(await readOpenApi(catalog)));
}

type Signatures = ReadonlyMap<string, ModelSignature | undefined>;

/** Signatures of the champions that were there when somebody asked last, by the hash of their files. */
const KNOWN = new WeakMap<ModelCatalog, Signatures>();

/** The document of a server with the champions that there are now. */
export async function readOpenApi(catalog: ModelCatalog): Promise<Schema> {
  const aliases = await catalog.listAliases();
  const champions = aliases.filter(({ alias }) => alias === DEFAULT_ALIAS);
  const known = KNOWN.get(catalog) ?? new Map();
  const signatures = new Map(
    await Promise.all(champions.map(async ({ name, version, files }) => {
      const signature = known.get(files) ?? await readSignature(catalog, { name, version });
      return [files, signature] as const;
    })),
  );
  KNOWN.set(catalog, signatures);
  return openApiDocument(champions.flatMap(({ name, files }) => {
    const signature = signatures.get(files);
    return signature === undefined ? [] : [{ name, signature }];
  }));
}

/** A model that cannot be read has no page of its own; asking it tells why. */
async function readSignature(
  catalog: ModelCatalog,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<ModelSignature | undefined> {
  try {
    const files = await catalog.openFiles(name, version);
    return parseSignature(await files.readJson(MODEL_FILES.signature));
  } catch {
    return undefined;
  }
}

/** The OpenAPI 3.1 document of a server with these champions. */
export function openApiDocument(
  models: readonly { readonly name: string; readonly signature: ModelSignature }[],
): Schema {
  const named = models.map(({ name, signature }) => [
    predictPath({ name, alias: DEFAULT_ALIAS }),
    { post: predictOperation(`Predict with the champion of ${name}`, rowSchema(signature)) },
  ]);
  const anyRow = { type: "object", description: "One row: feature name to value." };
  return {
    openapi: "3.1.0",
    info: { title: "Hanok", version: VERSION },
    paths: {
      "/predict": {
        post: predictOperation("Predict with the model of --model, or the only one", anyRow),
      },
      "/models/{name}/predict": {
        post: predictOperation("Predict with a model's champion", anyRow, ["name"]),
      },
      "/models/{name}/aliases/{alias}/predict": {
        post: predictOperation("Predict with the version of an alias", anyRow, ["name", "alias"]),
      },
      "/models/{name}/versions/{version}/predict": {
        post: predictOperation("Predict with one version", anyRow, ["name", "version"]),
      },
      ...Object.fromEntries(named),
      "/invocations": {
        post: {
          summary: "Predict in MLflow's scoring format, with the model of /predict",
          description:
            "JSON with exactly one of dataframe_split, dataframe_records, instances and " +
            'inputs, or CSV. `params: {"probabilities": true}` asks for more than labels.',
          requestBody: {
            required: true,
            content: {
              "application/json": { schema: { type: "object" } },
              "text/csv": { schema: { type: "string" } },
            },
          },
          responses: {
            "200": { description: "The predictions", content: json({ type: "object" }) },
          },
        },
      },
      "/ping": { get: getOperation("200 when the model of /predict is there, as MLflow's server") },
      "/healthz": { get: getOperation("Whether the server can answer, and what it serves") },
      "/api/runs": {
        get: listOperation("Runs, newest first: ?pipeline, ?status, ?tag, ?sort"),
      },
      "/api/runs/compare": {
        get: getOperation("Runs side by side: ?run, repeated; ?all=1 also what is the same"),
      },
      "/api/runs/{id}": {
        get: getOperation(
          "One run with everything recorded of it; 500 of its files from ?files_offset on",
          ["id"],
        ),
      },
      "/api/runs/{id}/metrics": {
        get: listOperation("The values of a metric over time: ?key=train/loss", ["id"], {
          usual: 10_000,
          most: 100_000,
        }),
      },
      "/api/runs/{id}/step": {
        get: getOperation("The parts of a node's key, and why it ran: ?node=train", ["id"]),
      },
      "/api/runs/{id}/data": {
        get: getOperation("Columns, statistics and first rows: ?of=split.training", ["id"]),
      },
      "/api/runs/{id}/file": {
        get: getOperation("The bytes of an artifact: ?path=train/model/MLmodel", ["id"]),
      },
      "/api/models": { get: listOperation("Models, those that changed last first") },
      "/api/models/{name}": {
        get: listOperation("One model with versions and history, newest first", ["name"], {
          more: [["history_offset", "Changes of the history to leave out, from 0"]],
        }),
      },
      "/api/models/{name}/versions/{version}/approve": {
        post: decideOperation("Say yes to a version: it becomes champion", ["name", "version"]),
      },
      "/api/models/{name}/versions/{version}/reject": {
        post: decideOperation("Say no to a version", ["name", "version"]),
      },
      "/api/models/{name}/versions/{version}/archive": {
        post: decideOperation("Put a version away", ["name", "version"]),
      },
      "/api/models/{name}/rollback": {
        post: decideOperation("Bring the champion before back", ["name"]),
      },
      "/api/models/{name}/aliases/{alias}": {
        put: decideOperation("Let an alias point at `version`", ["name", "alias"]),
        delete: decideOperation("Take an alias away", ["name", "alias"]),
      },
      "/feedback": {
        post: {
          summary: "Tell what was right, by the x-request-id of an answer",
          requestBody: {
            required: true,
            content: json({
              type: "object",
              required: ["request_id"],
              properties: {
                request_id: { type: "string" },
                label: { type: "string", description: "Of the only row." },
                labels: { type: "array", description: "One a row; null where nobody knows." },
              },
            }),
          },
          responses: {
            "200": { description: "What was kept", content: json({ type: "object" }) },
            ...errors(["400", "404"]),
          },
        },
      },
      "/api/models/{name}/split": {
        put: decideOperation("Share a model's requests: `shares` of version and weight", ["name"]),
      },
      "/api/models/{name}/traffic": {
        get: getOperation("How requests are shared, and what was right", ["name"]),
      },
      "/api/models/{name}/versions/{version}/drift": {
        get: getOperation("What a version is asked, beside what it was trained on", [
          "name",
          "version",
        ]),
      },
      "/api/models/{name}/samples": { get: getOperation("Requests that were kept", ["name"]) },
      "/api/runs/{id}/rerun": {
        post: {
          ...getOperation("The same pipeline and config once more: `fresh` leaves the cache", [
            "id",
          ]),
        },
      },
      "/api/pipelines": { get: getOperation("The pipelines of the server's project") },
      "/api/pipelines/{name}": {
        get: getOperation("One of them, with the values of its YAML files", ["name"]),
      },
      "/api/pipelines/{name}/run": {
        post: {
          summary: "Run a pipeline of the server's project",
          description: "`config` names one of its YAML files, `set` changes single values of it " +
            "(a.b=value), `fresh` leaves the cache.",
          parameters: parameters(["name"]),
          requestBody: {
            content: json({
              type: "object",
              properties: {
                config: { type: "string" },
                set: { type: "array", items: { type: "string" } },
                fresh: { type: "boolean" },
              },
            }),
          },
          responses: {
            "202": {
              description: "`run_id` of the run that goes on now",
              content: json({ type: "object" }),
            },
            ...errors(["400", "401", "403", "404", "409"]),
          },
        },
      },
      "/api/runs/{id}/stop": {
        post: {
          summary: "Stop a run that goes on; what is finished is kept",
          description: "The run's process, wherever it is, hears of it within a second or two.",
          parameters: parameters(["id"]),
          requestBody: {
            content: json({ type: "object", properties: { why: { type: "string" } } }),
          },
          responses: {
            "202": {
              description: "Who asked it to stop first, when and why",
              content: json({ type: "object" }),
            },
            ...errors(["400", "401", "403", "404", "409"]),
          },
        },
      },
      "/runs/{id}/events": { get: getOperation("What is new, as server-sent events", ["id"]) },
      "/metrics": { get: getOperation("What the server counts, for Prometheus") },
      "/api/lineage": { get: getOperation("The steps that led to ?of, a version or an artifact") },
    },
    components: { schemas: { Answer: ANSWER, Error: ERROR } },
  };
}

function predictOperation(summary: string, row: Schema, names: readonly string[] = []): Schema {
  const rows = { type: "array", minItems: 1, items: { anyOf: [row, { type: "array" }] } };
  return {
    summary,
    description:
      "One row as an object gets one answer; a list of rows, each an object by feature " +
      "name or a list in the signature's order, gets `predictions` in the same order.",
    parameters: parameters(names),
    requestBody: {
      required: true,
      content: json({ anyOf: [{ type: "object", required: ["rows"], properties: { rows } }, row] }),
    },
    responses: {
      "200": { description: "The answers", content: json(PREDICTION) },
      ...errors(["400", "404", "409", "413", "415", "500", "503"]),
    },
  };
}

function getOperation(summary: string, names: readonly string[] = []): Schema {
  return {
    summary,
    parameters: parameters(names),
    responses: {
      "200": { description: "The facts", content: json({ type: "object" }) },
      ...errors(["400", "404", "500"]),
    },
  };
}

/** A list that comes a page at a time; `has_more` tells whether there is another one. */
function listOperation(
  summary: string,
  names: readonly string[] = [],
  { usual = 50, most = 500, more = [] }: {
    readonly usual?: number;
    readonly most?: number;
    readonly more?: readonly (readonly [name: string, description: string])[];
  } = {},
): Schema {
  const numbers = [
    ["limit", `Items of a page, 1 to ${most}; ${usual} without it`],
    ["offset", "Items to leave out, from 0"],
    ...more,
  ];
  const queries = numbers.map(([name, description]) => (
    { name, in: "query", description, schema: { type: "integer", minimum: 0 } }
  ));
  return { ...getOperation(summary, names), parameters: [...parameters(names), ...queries] };
}

function decideOperation(summary: string, names: readonly string[]): Schema {
  const properties = { why: { type: "string", minLength: 1 }, version: { type: "integer" } };
  return {
    summary,
    parameters: parameters(names),
    requestBody: {
      required: true,
      content: json({ type: "object", required: ["why"], properties }),
    },
    responses: {
      "200": { description: "What was done", content: json({ type: "object" }) },
      ...errors(["400", "401", "403", "404", "409"]),
    },
  };
}

/** What a row of a model looks like. */
export function rowSchema({ inputs }: ModelSignature): Schema {
  return {
    type: "object",
    additionalProperties: false,
    required: inputs.filter(({ nullable }) => !nullable).map(({ name }) => name),
    properties: Object.fromEntries(inputs.map((input) => [input.name, valueSchema(input)])),
  };
}

function valueSchema({ type, nullable, range, categories }: SignatureInput): Schema {
  const seen = range !== undefined
    ? `${range[0]} to ${range[1]} in training`
    : categories?.slice(0, 20).join(", ");
  return {
    type: nullable ? [type, "null"] : type,
    ...(seen === undefined ? {} : { description: seen }),
  };
}

const ANSWER = {
  type: "object",
  required: ["label", "confidence", "probabilities"],
  properties: {
    label: { type: "string", description: "The most probable label." },
    confidence: { type: "number", minimum: 0, maximum: 1, description: "Its probability." },
    probabilities: { type: "object", additionalProperties: { type: "number" } },
  },
};

const PREDICTION = {
  type: "object",
  required: ["model", "version"],
  properties: {
    model: { type: "string" },
    version: { type: "integer" },
    predictions: { type: "array", items: { $ref: "#/components/schemas/Answer" } },
    ...ANSWER.properties,
  },
};

const ERROR = {
  type: "object",
  properties: {
    error: {
      type: "object",
      required: ["code", "what", "why", "fix"],
      properties: {
        code: { type: "string", description: "Stable: match on it." },
        what: { type: "string" },
        why: { type: "string" },
        fix: { type: "string" },
        problems: { type: "array", items: { type: "string" } },
        choices: { type: "array", items: { type: "string" } },
        id: { type: "string", description: "Stands in the server's log." },
      },
    },
  },
};

function errors(statuses: readonly string[]): Schema {
  const answer = {
    description: "What could not be done, why, and what to do",
    content: json({ $ref: "#/components/schemas/Error" }),
  };
  return Object.fromEntries(statuses.map((status) => [status, answer]));
}

function parameters(names: readonly string[]): readonly Schema[] {
  return names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
}

function json(schema: Schema): Schema {
  return { "application/json": { schema } };
}
