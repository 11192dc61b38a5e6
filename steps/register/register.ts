import { z } from "zod";
import {
  type Attribution,
  defineStep,
  ExplainedError,
  listProblems,
  type Step,
  type Verdict,
} from "../../pipeline/mod.ts";

/** Params of the register step, defaults filled in. */
export interface RegisterParams {
  /** Name of the registered model: letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  /** `auto`: the version becomes champion at once; `approve`: it waits for a person as candidate. @default "auto" */
  readonly promote: "auto" | "approve";
  readonly description?: string;
  /** @default what the model card says */
  readonly attribution?: Attribution;
}

/** Params of the register step as a pipeline gives them. */
export type RegisterGiven =
  & Pick<RegisterParams, "name">
  & { readonly [Name in Exclude<keyof RegisterParams, "name">]?: RegisterParams[Name] | undefined };

/** Schema of the register step's params. */
export const registerParams: z.ZodType<RegisterParams, RegisterGiven> = z.strictObject({
  name: z.string().regex(
    /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,127}$/u,
    'a name holds letters, digits, "-", "_" and "."',
  ),
  promote: z.enum(["auto", "approve"]).default("auto"),
  description: z.string().exactOptional(),
  attribution: z.strictObject({
    title: z.string(),
    license: z.string(),
    url: z.string().exactOptional(),
  }).exactOptional(),
});

/**
 * Makes a version of a registered model out of one that a gate has let pass.
 *
 * @throws {ExplainedError} `register/not-passed` when the verdict is no.
 */
export const register: Step<
  { readonly model: "model"; readonly metrics: "metrics"; readonly verdict: "verdict" },
  { readonly version: "version" },
  RegisterGiven,
  RegisterParams
> = defineStep({
  module: import.meta.url,
  name: "register",
  inputs: { model: "model", metrics: "metrics", verdict: "verdict" },
  outputs: { version: "version" },
  params: registerParams,
  effects: true,
  async run(context, { model, metrics, verdict }, params) {
    refuseUnpassed(params.name, verdict);
    const { aliases: _aliases, ...version } = await context.registry.register({
      ...params,
      ...{ model, metrics, verdict },
    });
    // Aliases move on: a summary is read again for as long as the step is cached.
    context.summary(`${version.name} v${version.version}`);
    return { version };
  },
});

/** The executor skips what depends on a failed gate; a run from code might not. */
function refuseUnpassed(name: string, { passed, reasons }: Verdict): void {
  if (passed) return;
  throw new ExplainedError("register/not-passed", {
    what: `Cannot register a version of ${name}`,
    why: listProblems(reasons.filter(({ met }) => !met).map(({ text }) => text)),
    fix: "Train a better model, or lower the demands of the gate",
  });
}
