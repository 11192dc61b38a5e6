import type { BuildableArchitecture } from "../../../pipeline/architecture.ts";
import type { BuildOptions } from "../../../pipeline/engine_port.ts";
import { ExplainedError, listProblems } from "../../../pipeline/explained_error.ts";
import { didYouMean } from "../../../pipeline/nearest_name.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { readPretrainedWeights } from "../pretrained_weights.ts";
import { seededRandom } from "../seeded_random.ts";
import { buildEncoder } from "./encoder.ts";
import { parseEncoderConfig } from "./encoder_config.ts";
import { buildMlp } from "./mlp.ts";
import { buildSparseLinear, sparseLinearProblems } from "./sparse_linear.ts";

export { parseEncoderConfig };

/**
 * A model with seeded or pretrained starting weights; a sparse-linear one with those it was given, ready for inference.
 *
 * @throws {ExplainedError} `engine/bad-architecture` or `engine/bad-config` with every problem, or `engine/bad-weights`.
 */
export function buildModel(given: BuildableArchitecture, options: BuildOptions): OnnxModel {
  refuseUnknownKind(given.kind);
  const architecture = given.kind === "configured"
    ? { ...parseEncoderConfig(given.config), dropout: given.dropout ?? 0 }
    : given;
  const problems = [
    ...impossibleCounts(architecture, options),
    ...impossibleParts(architecture, options),
  ];
  if (problems.length > 0) {
    throw new ExplainedError("engine/bad-architecture", {
      what: `Cannot build the model "${architecture.kind}"`,
      why: listProblems(problems),
      fix: "Correct the architecture, or look at the data that the counts came from",
    });
  }
  const { classes, seed, weights, features = 0 } = options;
  const random = seededRandom(seed);
  if (architecture.kind === "sparse-linear") {
    return buildSparseLinear(architecture, { classes, random });
  }
  return architecture.kind === "mlp"
    ? buildMlp(architecture, { classes, features, random })
    : buildEncoder(architecture, {
      classes,
      random,
      ...(weights === undefined ? {} : { pretrained: readPretrainedWeights(weights) }),
    });
}

function refuseUnknownKind(kind: string): void {
  if (KINDS.includes(kind)) return;
  throw new ExplainedError("engine/bad-architecture", {
    what: `Cannot build the model "${kind}"`,
    why: `there is no such architecture${didYouMean(kind, KINDS)}`,
    fix: `Use one of ${KINDS.join(", ")}`,
  });
}

const KINDS: readonly string[] = ["mlp", "encoder", "configured", "sparse-linear"];

/** Activations by the architectures that have them. */
const activations = { mlp: ["relu", "tanh", "gelu"], encoder: ["gelu", "gelu-tanh", "relu"] };

type KnownArchitecture = Exclude<BuildableArchitecture, { readonly kind: "configured" }>;

function impossibleCounts(
  architecture: KnownArchitecture,
  { features, classes }: BuildOptions,
): string[] {
  const counts = architecture.kind === "sparse-linear" ? [] : architecture.kind === "mlp"
    ? [
      ["features", features] as const,
      ...architecture.hidden.map((units, i) => [`hidden layer ${i + 1}`, units] as const),
    ]
    : (["layers", "hidden", "heads", "intermediate", "vocabulary", "positions"] as const)
      .map((name) => [name, architecture[name]] as const);
  const problems = counts.flatMap(([name, count]) =>
    Number.isSafeInteger(count) && count! >= 1
      ? []
      : [`${name} is ${count} and must be a whole number >= 1`]
  );
  if (!(Number.isSafeInteger(classes) && classes >= 2)) {
    problems.push(`classes is ${classes} and must be a whole number >= 2`);
  }
  return problems;
}

function impossibleParts(
  architecture: KnownArchitecture,
  { weights, classes }: BuildOptions,
): string[] {
  if (architecture.kind === "sparse-linear") return sparseLinearProblems(architecture, classes);
  const problems: string[] = [];
  const { dropout = 0 } = architecture;
  if (!(dropout >= 0 && dropout < 1)) {
    problems.push(`dropout is ${dropout} and must be >= 0 and < 1`);
  }
  const { activation } = architecture;
  const known = activations[architecture.kind];
  if (activation !== undefined && !known.includes(activation)) {
    problems.push(`the activation "${activation}" is none of ${known.join(", ")}`);
  }
  if (architecture.kind === "mlp" && weights !== undefined) {
    problems.push("an mlp has no pretrained weights");
  }
  if (architecture.kind === "encoder" && architecture.hidden % architecture.heads !== 0) {
    problems.push(
      `a width of ${architecture.hidden} does not divide into ${architecture.heads} heads`,
    );
  }
  return problems;
}
