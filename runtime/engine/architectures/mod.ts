import type { Architecture } from "../../../pipeline/architecture.ts";
import type { BuildOptions } from "../../../pipeline/engine_port.ts";
import { ExplainedError, listProblems } from "../../../pipeline/explained_error.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { buildMlp } from "./mlp.ts";

/**
 * A fresh model with seeded starting weights.
 *
 * @throws {ExplainedError} `engine/bad-architecture`, with every problem.
 */
export function buildModel(architecture: Architecture, options: BuildOptions): OnnxModel {
  const problems = Object.entries({
    features: options.features,
    ...Object.fromEntries(architecture.hidden.map((units, i) => [`hidden layer ${i + 1}`, units])),
  }).flatMap(([name, count]) =>
    Number.isSafeInteger(count) && count >= 1
      ? []
      : [`${name} is ${count} and must be a whole number >= 1`]
  );
  if (!(Number.isSafeInteger(options.classes) && options.classes >= 2)) {
    problems.push(`classes is ${options.classes} and must be a whole number >= 2`);
  }
  const { dropout = 0 } = architecture;
  if (!(dropout >= 0 && dropout < 1)) {
    problems.push(`dropout is ${dropout} and must be >= 0 and < 1`);
  }
  if (problems.length === 0) return buildMlp(architecture, options);
  throw new ExplainedError("engine/bad-architecture", {
    what: `Cannot build the model "${architecture.kind}"`,
    why: listProblems(problems),
    fix: "Correct the architecture, or look at the data that the counts came from",
  });
}
