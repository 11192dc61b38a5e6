import { ExplainedError } from "./explained_error.ts";
import { type Graph, recordBuild, refuseProblems } from "./graph.ts";
import { lintGraph } from "./lint.ts";
import type { ParamsSchema } from "./params_schema.ts";

/** A named, declared graph of steps. */
export interface Pipeline<
  Given = unknown,
  Config = unknown,
  Targets = unknown,
> {
  /** Also the name of the experiment its runs belong to. */
  readonly name: string;
  /** One sentence for people. */
  readonly description?: string;
  /**
   * `import.meta.url`: where relative paths start and `default.yaml` lies when it is run from code. The command
   * line knows the module without it.
   *
   * @default the folder in which the program was started
   */
  readonly module?: string;
  /** Schema of the config, usually `z.object({ … })`: the truth for names, types and defaults. */
  readonly config: ParamsSchema<Given, Config>;
  /** Declares the nodes and returns the outputs wanted; everything else placed must lead to one of them. */
  build(config: Config): Targets;
}

/**
 * Makes a pipeline: a value that can be imported, extended, drawn, tested and run.
 *
 * @throws {TypeError} If the name is not made of letters, digits, `-`, `_`, `.` and spaces.
 */
export function definePipeline<Given, Config, Targets>(
  definition: Pipeline<Given, Config, Targets>,
): Pipeline<Given, Config, Targets> {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}_. -]{0,249}$/u.test(definition.name)) {
    throw new TypeError(
      `"${definition.name}" cannot name a pipeline: use letters, digits, "-", "_", "." and spaces`,
    );
  }
  return Object.freeze({ ...definition });
}

/** Whether a value is a pipeline, e.g. the default export of a module. */
export function isPipeline(value: unknown): value is Pipeline {
  if (typeof value !== "object" || value === null) return false;
  const candidate = value as Partial<Record<keyof Pipeline, unknown>>;
  return typeof candidate.name === "string" &&
    typeof candidate.build === "function" &&
    typeof candidate.config === "object";
}

/**
 * Builds the graph of a pipeline for a checked config. Runs nothing.
 *
 * @throws {ExplainedError} `pipeline/invalid` naming every problem.
 */
export function buildGraph<Given, Config>(
  pipeline: Pipeline<Given, Config, unknown>,
  config: Config,
): Graph {
  const { nodes, targets, problems } = recordBuild(() => {
    try {
      return pipeline.build(config);
    } catch (cause) {
      if (cause instanceof ExplainedError) throw cause;
      throw new ExplainedError("pipeline/build-failed", {
        what: `Cannot build pipeline "${pipeline.name}"`,
        why: cause instanceof Error ? cause.message : String(cause),
        fix:
          "Correct the config or the pipeline's build function; --trace shows where it was thrown",
        cause,
      });
    }
  });
  const graph: Graph = Object.freeze({
    pipeline: pipeline.name,
    nodes,
    targets,
  });
  refuseProblems(pipeline.name, [...problems, ...lintGraph(graph)]);
  return graph;
}
