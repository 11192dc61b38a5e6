import { Option } from "@commander-js/extra-typings";
import type { RunOptions } from "../../runtime/run_options.ts";
import { parseTags } from "./parse_tags.ts";

const ENGINES = ["auto", "webgpu", "cpu", "wasm"] as const;

/** Flags that say how a pipeline is to be run, as commander hands them over. */
export interface RunFlags {
  readonly config?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly from?: readonly string[] | undefined;
  readonly force?: readonly string[] | undefined;
  /** `false` with `--no-cache`. */
  readonly cache: boolean;
  readonly verify?: true | undefined;
  readonly engine?: typeof ENGINES[number] | undefined;
  readonly name?: string | undefined;
  readonly note?: string | undefined;
  readonly tag?: readonly string[] | undefined;
}

/** `--engine`, which takes one of the known names only. */
export function engineOption(): Option<
  "-e, --engine <engine>",
  undefined,
  undefined,
  undefined,
  false,
  typeof ENGINES[number]
> {
  return new Option("-e, --engine <engine>", "where arithmetic happens").choices(ENGINES);
}

/**
 * The flags as options of a run; what was not given stays out.
 *
 * @throws {ExplainedError} `cli/usage` for a tag without a value.
 */
export function runOptions(flags: RunFlags): RunOptions {
  const { config, set, only, from, force, cache, verify, engine, name, note, tag } = flags;
  return {
    ...(config === undefined ? {} : { config }),
    ...(set === undefined ? {} : { set }),
    ...(only === undefined ? {} : { only }),
    ...(from === undefined ? {} : { from }),
    ...(force === undefined ? {} : { force }),
    ...(cache ? {} : { noCache: true }),
    ...(verify === undefined ? {} : { verify }),
    ...(engine === undefined ? {} : { engine }),
    ...(name === undefined ? {} : { runName: name }),
    ...(note === undefined ? {} : { note }),
    ...(tag === undefined ? {} : { tags: parseTags(tag) }),
  };
}
