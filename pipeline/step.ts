import type { ArtifactKind, ArtifactRef, ArtifactValues } from "./artifact.ts";
import { placeNode } from "./graph.ts";
import type { ParamsSchema } from "./params_schema.ts";
import type { Read } from "./reads.ts";
import type { StepContext } from "./step_context.ts";

/** Named places of a step, each holding one kind of artifact. */
export type Slots = Readonly<Record<string, ArtifactKind>>;

/** What the author of a pipeline wires into the slots. */
export type RefsOf<S extends Slots> = {
  readonly [Name in keyof S]: ArtifactRef<S[Name]>;
};

/** What the body of a step receives in, or returns from, the slots. */
export type ValuesOf<S extends Slots> = {
  readonly [Name in keyof S]: ArtifactValues[S[Name]];
};

/** When and how often a failed step is tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first one counted. */
  readonly attempts: number;
  /** Wait before the second attempt; doubled for each further one. @default 1000 */
  readonly delayMs?: number;
}

/** A port of the runtime whose implementation is part of the cache key. */
export type PortName = "engine" | "preprocessing";

/** Everything there is to know about a step before it runs. */
export interface StepDefinition<
  In extends Slots = Slots,
  Out extends Slots = Slots,
  Given = unknown,
  Params = unknown,
> {
  /** `import.meta.url` of the module that defines it: its imports are hashed. */
  readonly module: string;
  readonly name: string;
  readonly inputs: In;
  readonly outputs: Out;
  /** Schema of the params, usually `z.object({ … })`. None: the step takes no params. */
  readonly params?: ParamsSchema<Given, Params>;
  /** Ports that `run` calls through its context. */
  readonly uses?: readonly PortName[];
  /** About how many weights it trains, given its params: decides whether a GPU gains. */
  readonly weights?: (params: Params) => number;
  /** State outside the graph that `run` reads. */
  readonly reads?: (params: Params) => readonly Read[];
  /** `true` when `run` changes the world (registers, notifies): it then gets an idempotency key. */
  readonly effects?: boolean;
  readonly retry?: RetryPolicy;
  /** Time one attempt may take. */
  readonly timeoutMs?: number;
  /** `false`: runs every time. `{ ttlSeconds }`: an older result is not used. @default cached for ever */
  readonly cache?: false | { readonly ttlSeconds: number };
  /**
   * Names of the metrics it produces, given its params: a gate's demands are checked against them. `f1/*`
   * stands for all that begin with `f1/`, e.g. one for each label.
   */
  readonly metrics?: (params: Params) => readonly string[];
  /** Names of the metrics it demands, given its params; `f1/*` demands all that begin with `f1/`. */
  readonly demands?: (params: Params) => readonly string[];
  run(
    context: StepContext,
    inputs: ValuesOf<In>,
    params: Params,
  ): Promise<ValuesOf<Out>>;
}

/** What placing a step takes: inputs when it has any, params when it has any. */
export type StepUse<In extends Slots, Given> =
  & (keyof In extends never ? { readonly inputs?: RefsOf<In> }
    : { readonly inputs: RefsOf<In> })
  & (unknown extends Given ? { readonly params?: undefined }
    : Record<never, never> extends Given ? { readonly params?: Given }
    : { readonly params: Given });

/**
 * A step that can be placed in a pipeline by calling it. Its definition: `definitionOf(step)`.
 *
 * The type has one call signature and no member: only then does the compiler take the type of a
 * call from the signature alone, and a chain of hundreds of nodes does not exhaust its stack.
 */
export interface Step<In extends Slots, Out extends Slots, Given = unknown, Params = unknown> {
  /**
   * Places a node in the pipeline that is being built.
   *
   * @param id Name of the node, unique in the pipeline: letters, digits, `-` and `_`.
   * @returns References to its outputs, frozen.
   */
  (id: string, use: StepUse<In, Given>): RefsOf<Out>;
}

/** Definitions of all steps: kept here because a member would cost the type checker (see `Step`). */
const definitions = new WeakMap<object, StepDefinition>();

/** What a step was made from: for tests of its body, and for steps that extend it. */
export function definitionOf<In extends Slots, Out extends Slots, Given, Params>(
  step: Step<In, Out, Given, Params>,
): StepDefinition<In, Out, Given, Params> {
  const definition = definitions.get(step);
  if (definition === undefined) throw new TypeError("This function is no step: use defineStep");
  return definition as unknown as StepDefinition<In, Out, Given, Params>;
}

/**
 * Makes a step out of its definition. Nothing runs until a pipeline that uses it is run.
 *
 * @example Usage
 * ```ts
 * import { defineStep } from "./step.ts";
 *
 * const greet = defineStep({
 *   module: import.meta.url,
 *   name: "greet",
 *   inputs: {},
 *   outputs: { metrics: "metrics" },
 *   run: () => Promise.resolve({ metrics: { greetings: 1 } }),
 * });
 * ```
 */
export function defineStep<
  const In extends Slots,
  const Out extends Slots,
  Given = unknown,
  Params = unknown,
>(
  definition: StepDefinition<In, Out, Given, Params>,
): Step<In, Out, Given, Params> {
  const frozen = Object.freeze({ ...definition }) as unknown as StepDefinition;
  const place = (id: string, use: StepUse<In, Given>): RefsOf<Out> =>
    placeNode(frozen, id, use) as RefsOf<Out>;
  definitions.set(place, frozen);
  return Object.freeze(place);
}
