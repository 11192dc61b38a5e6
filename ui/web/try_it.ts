import { exampleBody, type ServedVersion } from "../../runtime/serving/mod.ts";
import {
  answerRequest,
  DEFAULT_ALIAS,
  renderTarget,
  resolveTarget,
  type ServingTarget,
} from "../../runtime/serving/mod.ts";
import {
  type ErrorAnswer,
  findModelFacts,
  listModelFacts,
  listOfferedVersions,
  type ServerContext,
} from "../api/mod.ts";
import type { FormRow } from "./fragments/input_form.tsx";
import type { Beside, Result, TryIt } from "./pages/home.tsx";
import { readForm } from "./read_form.ts";
import { curlCommand, type ServerAddress } from "./request_text.ts";

/** What the first page is asked to try. */
export interface TryRequest {
  /** The model that the address names. */
  readonly model: string | undefined;
  /** Another version that answers the same row: `digits/1`. */
  readonly beside?: string | undefined;
  /** What the form sent; without it the model's own example is shown. */
  readonly form: URLSearchParams | undefined;
  /** For commands to copy. */
  readonly address: ServerAddress;
  readonly explain: (error: unknown) => ErrorAnswer;
}

/** Opens the model that a page tries, and predicts what its form holds. */
export async function tryModel(
  context: ServerContext,
  request: TryRequest,
): Promise<TryIt> {
  try {
    const target = await chooseTarget(context, request.model);
    if (target === undefined) return { kind: "none" };
    const served = await context.models.open(target);
    return await tryVersion(context, { target, served, request });
  } catch (error) {
    return { kind: "failed", error: request.explain(error).error };
  }
}

async function tryVersion(
  context: ServerContext,
  { target, served, request }: {
    readonly target: ServingTarget;
    readonly served: ServedVersion;
    readonly request: TryRequest;
  },
): Promise<TryIt> {
  const { name, version, model: { signature, inputExample } } = served;
  const row: FormRow = request.form === undefined
    ? exampleBody(signature, inputExample[0])
    : readForm(signature, request.form);
  const slot = context.models.status()
    .find((each) => "alias" in target && each.name === name && each.alias === target.alias);
  return {
    kind: "ready",
    target: "alias" in target && target.alias === DEFAULT_ALIAS ? name : renderTarget(target),
    name,
    version,
    alias: "alias" in target ? target.alias : null,
    description: (await findModelFacts(context.store, name))?.description ?? "",
    signature,
    row,
    examples: inputExample,
    result: await predictRow(context, target, { row, request }),
    beside: await predictBeside(context, { name, row, request }),
    request: curlCommand(request.address, { target, signature, row }),
    problem: slot?.problem ?? null,
  };
}

/** What another version of the same model says of the row. */
async function predictBeside(
  context: ServerContext,
  { name, row, request }: {
    readonly name: string;
    readonly row: FormRow;
    readonly request: TryRequest;
  },
): Promise<Beside> {
  const asked = /\/(\d{1,9})$/.exec(request.beside ?? "")?.[1];
  const also = asked === undefined ? [] : [Number(asked)];
  const offered = await listOfferedVersions(context.store, name, also);
  const versions = offered.map(({ version }) => version);
  const version = versions.find((each) => `${name}/${each}` === request.beside);
  if (version === undefined) return { versions, version: null, result: null };
  const result = await predictRow(context, { name, version }, { row, request });
  return { versions, version, result };
}

async function predictRow(
  { models }: ServerContext,
  target: ServingTarget,
  { row, request }: { readonly row: FormRow; readonly request: TryRequest },
): Promise<Result> {
  try {
    const body = { rows: [row] };
    const { model, version, answers } = await answerRequest(models, { target, body });
    return { ok: true, view: { answer: answers[0]!, model, version } };
  } catch (error) {
    return { ok: false, error: request.explain(error).error };
  }
}

/** The model named in the address, by `--model`, or the one that changed last and has a champion. */
async function chooseTarget(
  { catalog, defaultModel, store }: ServerContext,
  named: string | undefined,
): Promise<ServingTarget | undefined> {
  const text = named ?? defaultModel;
  if (text !== undefined) return await resolveTarget(text, catalog);
  const [found] =
    (await listModelFacts(store, { limit: 1, offset: 0, alias: DEFAULT_ALIAS })).items;
  return found === undefined ? undefined : { name: found.name, alias: DEFAULT_ALIAS };
}
