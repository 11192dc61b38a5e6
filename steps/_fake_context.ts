import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate } from "node:timers";
import {
  type ChampionFacts,
  checkParams,
  type Column,
  type ColumnType,
  type DatasetHandle,
  definitionOf,
  type EnginePort,
  type FolderHandle,
  issuePath,
  type Json,
  type PreprocessingPort,
  type Progress,
  type RegistryPort,
  type Row,
  type Slots,
  type Step,
  type StepContext,
  type ValuesOf,
} from "../pipeline/mod.ts";
import { readDatasetRows, writeDatasetFile } from "../runtime/artifacts/dataset_file.ts";

/** A metric as a step recorded it. */
export interface FakeMetric {
  readonly name: string;
  readonly value: number;
  readonly iteration?: number;
  readonly bare?: boolean;
}

/** A step's world in memory, with a temporary folder for artifacts. Remove it with `await using`. */
export interface FakeContext extends AsyncDisposable {
  readonly context: StepContext;
  /** The temporary folder; relative paths of params are resolved against it. */
  readonly folder: string;
  readonly metrics: FakeMetric[];
  readonly progress: Progress[];
  readonly logs: { readonly message: string; readonly level: "info" | "warning" }[];
  readonly summaries: string[];
  /** How often the step waited for the event loop through `context.yield`. */
  readonly yields: () => number;
  /** Makes a dataset to be given to a step as input. */
  dataset(
    columns: Readonly<Record<string, ColumnType>>,
    rows: Iterable<Row>,
  ): Promise<DatasetHandle>;
  /** Writes a file into the temporary folder. @returns its absolute path. */
  file(path: string, content: string | Uint8Array): Promise<string>;
}

/** What a fake context is to offer beyond artifacts and records. */
export interface FakeOptions {
  readonly node?: string;
  readonly signal?: AbortSignal;
  readonly engine?: EnginePort;
  readonly preprocessing?: PreprocessingPort;
  readonly registry?: RegistryPort;
  readonly champions?: readonly ChampionFacts[];
  /** Content by URL. */
  readonly web?: Readonly<Record<string, string>>;
}

/** Opens a context for one test of a step. */
export async function openFakeContext(options: FakeOptions = {}): Promise<FakeContext> {
  const folder = await Deno.makeTempDir({ prefix: "hanok-step-" });
  const metrics: FakeMetric[] = [];
  const progress: Progress[] = [];
  const logs: FakeContext["logs"] = [];
  const summaries: string[] = [];
  let yields = 0;
  let written = 0;
  const artifacts: StepContext["artifacts"] = {
    dataset: (schema, rows) => writeDataset(join(folder, `${++written}.csv`), schema, rows),
    folder: (files) => Promise.resolve(folderOf(join(folder, `${++written}`), files)),
  };
  const context: StepContext = {
    node: options.node ?? "node",
    signal: options.signal ?? new AbortController().signal,
    yield: () => {
      yields++;
      return new Promise((resolve) => setImmediate(resolve));
    },
    metric: (name, value, more) => void metrics.push({ name, value, ...more }),
    progress: (event) => void progress.push(event),
    log: (message, level = "info") => void logs.push({ message, level }),
    summary: (text) => void summaries.push(text),
    artifacts,
    resolvePath: (path) => path.startsWith("/") ? path : join(folder, path),
    champion: (model) => options.champions?.find((facts) => facts.model === model),
    fetch: (address) => {
      const content = options.web?.[address];
      if (content === undefined) return Promise.reject(new Error(`No content for ${address}`));
      return Promise.resolve(new TextEncoder().encode(content));
    },
    download: async (address) => {
      const path = join(folder, `download-${++written}`);
      await Deno.writeFile(path, await context.fetch(address));
      return path;
    },
    scratch: async () => {
      const path = join(folder, "scratch");
      await Deno.mkdir(path, { recursive: true });
      return path;
    },
    get engine() {
      return given(options.engine, "engine");
    },
    get preprocessing() {
      return given(options.preprocessing, "preprocessing");
    },
    get registry() {
      return given(options.registry, "registry");
    },
  };
  return {
    context,
    folder,
    metrics,
    progress,
    logs,
    summaries,
    yields: () => yields,
    dataset: (columns, rows) =>
      artifacts.dataset({
        columns: Object.entries(columns).map(([name, type]) => ({ name, type, nullable: false })),
      }, rows),
    file: async (path, content) => {
      const absolute = join(folder, path);
      await Deno.writeFile(absolute, bytesOf(content));
      return absolute;
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Runs a step as the executor would: params through its schema, then the body. */
export function runStep<In extends Slots, Out extends Slots, Given, Params>(
  step: Step<In, Out, Given, Params>,
  context: StepContext,
  use: { readonly inputs: ValuesOf<In>; readonly params: Given },
): Promise<ValuesOf<Out>> {
  const checked = checkParams(definitionOf(step).params!, use.params);
  if (checked.issues !== undefined) {
    throw new TypeError(
      checked.issues.map((issue) => `${issuePath(issue)}: ${issue.message}`).join("; "),
    );
  }
  return definitionOf(step).run(context, use.inputs, checked.value);
}

/** All rows of a dataset. */
export async function rowsOf(dataset: DatasetHandle): Promise<Row[]> {
  return await Array.fromAsync(dataset.rows());
}

function given<Port>(port: Port | undefined, name: string): Port {
  if (port === undefined) throw new TypeError(`Open the fake context with { ${name} }`);
  return port;
}

async function writeDataset(
  path: string,
  schema: Parameters<StepContext["artifacts"]["dataset"]>[0],
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<DatasetHandle> {
  const written = await writeDatasetFile(path, schema.columns, rows);
  const columns: Column[] = schema.columns.map((column, i) => ({
    ...column,
    nullable: column.nullable || written.nullable[i]!,
  }));
  const full = { ...schema, columns, rowCount: written.rowCount };
  const hash = createHash("sha256").update(JSON.stringify(full)).update(await Deno.readFile(path))
    .digest("hex");
  return { hash, schema: full, path, rows: () => readDatasetRows(path, columns) };
}

async function folderOf(
  root: string,
  files: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>,
): Promise<FolderHandle> {
  const paths = Object.keys(files).sort();
  const parts: string[] = [];
  for (const path of paths) {
    await Deno.mkdir(join(root, path, ".."), { recursive: true });
    await Deno.writeFile(join(root, path), bytesOf(files[path]!));
    parts.push(path, bytesOf(files[path]!).toHex());
  }
  return {
    hash: createHash("sha256").update(parts.join("\n")).digest("hex"),
    paths,
    read: (path) => Deno.readFile(join(root, path)),
    readJson: async (path) => JSON.parse(await Deno.readTextFile(join(root, path))) as Json,
    pathOf: (path) => join(root, path),
  };
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
